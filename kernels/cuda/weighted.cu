// Chunks times polynomials of weights, summed over lanes: the twin of he/cpu/score.go
// and kernels/cpu/weighted.go.
//
// c0 and c1 of each lane are [prime][tile][sample][64], weights in Montgomery form
// [lane][score][component][prime][N], sums [prime][tile][score][components+1][sample][64].
// Grid (groups of 4·M samples, groups of S scores, primes·tiles), 256 threads: the
// positions of a tile for four groups of M samples, which take the weights from the
// nearest cache.
//
// A word of c0 and one of c1 are read for all scores, of the sums 8 bytes moved for all
// lanes of a launch. On sm_90 weighted_4 takes 84 instructions for 32 multiplications.
#include "wide.cuh"

namespace {
// A thread owns one position of a tile for M samples and S scores, and loops over the
// lanes; one reduction at the end. Up to 64 lanes of two products each are below 2^63.
template <int S, int M, int COMPONENTS>
DEVICE void weighted(u32* sums, const u64* chunks, u32 lanes, const u32* weights, const Prime* primes, u32 scores,
	u32 samples, u32 log_tiles, u32 row_words) {
	const u32 first = (blockIdx.x * 4 + threadIdx.x / 64) * M, first_score = blockIdx.y * S;
	if (first >= samples) return;
	const u32 position = threadIdx.x % 64, number = blockIdx.z;  // prime·tiles + tile
	const u64 tile = u64(number) * samples * 64 + position;

	// Beyond the last sample or score the last is taken again, and not stored.
	u32 sample[M], score[S];
#pragma unroll
	for (int m = 0; m < M; m++) sample[m] = min_u32(first + m, samples - 1) * 64;
#pragma unroll
	for (int s = 0; s < S; s++) score[s] = min_u32(first_score + s, scores - 1) * COMPONENTS;
	weights += number * 64 + position;

	u64 sum[COMPONENTS + 1][S][M] = {};
#pragma unroll 1
	for (u32 lane = 0; lane < lanes; lane++) {
		const u32 *c0 = array(chunks[2 * lane]) + tile, *c1 = array(chunks[2 * lane + 1]) + tile;
		u32 x0[M], x1[M], w[COMPONENTS][S];
#pragma unroll
		for (int m = 0; m < M; m++) x0[m] = __ldg(c0 + sample[m]), x1[m] = __ldg(c1 + sample[m]);
#pragma unroll
		for (int s = 0; s < S; s++)
#pragma unroll
			for (int c = 0; c < COMPONENTS; c++) w[c][s] = __ldg(weights + u64(score[s] + c) * row_words);
		weights += u64(scores) * COMPONENTS * row_words;
#pragma unroll
		for (int c = 0; c < COMPONENTS; c++)
#pragma unroll
			for (int s = 0; s < S; s++)
#pragma unroll
				for (int m = 0; m < M; m++) {
					sum[c][s][m] = mad_wide(x0[m], w[c][s], sum[c][s][m]);
					sum[c + 1][s][m] = mad_wide(x1[m], w[c][s], sum[c + 1][s][m]);
				}
	}

	const Prime p = primes[number >> log_tiles];
#pragma unroll
	for (int s = 0; s < S; s++) {
		if (first_score + s >= scores) break;
#pragma unroll
		for (int c = 0; c <= COMPONENTS; c++) {
			u32* row = sums + ((u64(number) * scores + first_score + s) * (COMPONENTS + 1) + c) * samples * 64 + position;
#pragma unroll
			for (int m = 0; m < M; m++) {
				if (first + m >= samples) break;
				u32* at = row + sample[m];
				*at = add(*at, montgomery_sum(sum[c][s][m], p), p.q);
			}
		}
	}
}
}  // namespace

#define WEIGHTED(name, S, M, COMPONENTS)                                                                       \
	KERNEL(256, 2) name(u32* sums, const u64* chunks, u32 lanes, const u32* weights, const Prime* primes,        \
		u32 scores, u32 samples, u32 log_tiles, u32 row_words) {                                                \
		weighted<S, M, COMPONENTS>(sums, chunks, lanes, weights, primes, scores, samples, log_tiles, row_words); \
	}                                                                                                           \
	EXPORT(name)

WEIGHTED(weighted_1, 1, 4, 1)
WEIGHTED(weighted_4, 4, 4, 1)
WEIGHTED(weighted_encrypted, 2, 4, 2)
