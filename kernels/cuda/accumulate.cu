// Chunks times constants, summed over samples: the twin of kernels/cpu/accumulate.go.
//
// c0 and c1 of each product are [prime][tile][sample][64], d is
// [prime][tile][sample][total][2][64], sums of each product are [column][3][prime][N].
// Grid (groups of 4·V products, groups of K columns, primes·tiles), 256 threads: the
// positions of a tile for four groups of V products, which take d from the nearest
// cache. Tiles are outermost, so that d and, for the groups of columns, c0 and c1 are
// read from memory once.
//
// For every genotype, of three primes, a column takes 9 wide multiplications; 24 bytes
// of c0 and c1 are read, and 24 of d for every column and all products of a launch.
// Registers and instructions on sm_90 by nvcc 11.8, and what follows for an H200 (132
// processors at 1.755 GHz, 32 wide multiplications a clock in each, 4.3 TB/s; a
// prediction, not measured):
//
//   V, K    registers   instructions a genotype and column   genotypes/s
//   4, 1       78                     38.6                   1.7e11, by memory
//   2, 4       96                     29.6                   1.5e11 to 1.7e11, by memory and arithmetic
//   2, 12     220                     20.9                   6.5e10, by arithmetic: 95 % of its floor
//
// With four multiplications instead of three K = 12 would take 5.1e10.
#include "wide.cuh"

namespace {
// A thread owns one position of a tile for V products and K columns: 3·V·K sums of 64
// bits in registers while the samples stream past, one reduction each at the end. The
// words of c0 and c1, which come from memory, are asked for one sample ahead.
//
// The three multiplications are c0·d0, c1·d1 and (c0+c1)·(d0+d1), whose sum over 64
// samples is at most 64·(2(2^28−1))² < 2^64; less the other two it is below 2^63.
template <int V, int K>
DEVICE void accumulate(const u64* products, u32 count, const u32* columns, u32 column_count, const u32* d,
	const Prime* primes, u32 start, u32 samples, u32 total, u32 log_tiles, u32 component_stride) {
	const u32 first = (blockIdx.x * 4 + threadIdx.x / 64) * V, first_column = start + blockIdx.y * K;
	if (first >= count) return;
	const u32 position = threadIdx.x % 64, number = blockIdx.z;  // prime·tiles + tile
	const u64 row = u64(number) * samples * 64 + position;

	// Beyond the last product or column the last is taken again, and not stored.
	const u32 *c0[V], *c1[V];
#pragma unroll
	for (int v = 0; v < V; v++) {
		const u64* product = products + 3 * min_u32(first + v, count - 1);
		c0[v] = array(product[0]) + row;
		c1[v] = array(product[1]) + row;
	}
	d += u64(number) * samples * total * 128;
	u32 column[K];
#pragma unroll
	for (int k = 0; k < K; k++) column[k] = columns[min_u32(first_column + k, column_count - 1)] * 512 + position * 4;

	u64 low[V][K] = {}, middle[V][K] = {}, high[V][K] = {};
	u32 next0[V], next1[V];
	auto fetch = [&](u32 step) {
#pragma unroll
		for (int v = 0; v < V; v++) next0[v] = __ldg(c0[v] += step), next1[v] = __ldg(c1[v] += step);
	};
	fetch(0);
#pragma unroll 1
	for (u32 s = 0; s < samples; s++) {
		u32 x0[V], x1[V], y0[K], y1[K];
#pragma unroll
		for (int v = 0; v < V; v++) x0[v] = next0[v], x1[v] = next1[v];
		fetch(s + 1 < samples ? 64 : 0);
#pragma unroll
		for (int k = 0; k < K; k++) {
			const u32* at = reinterpret_cast<const u32*>(reinterpret_cast<const char*>(d) + column[k]);
			y0[k] = __ldg(at), y1[k] = __ldg(at + 64);
		}
		d += total * 128;
#pragma unroll
		for (int k = 0; k < K; k++) {
#pragma unroll
			for (int v = 0; v < V; v++) {
				low[v][k] = mad_wide(x0[v], y0[k], low[v][k]);
				high[v][k] = mad_wide(x1[v], y1[k], high[v][k]);
				middle[v][k] = mad_wide(x0[v] + x1[v], y0[k] + y1[k], middle[v][k]);
			}
		}
	}

	const Prime p = primes[number >> log_tiles];
#pragma unroll
	for (int v = 0; v < V; v++) {
		if (first + v >= count) break;
		u32* sums = array(products[3 * (first + v) + 2]) + u64(first_column) * 3 * component_stride + number * 64u + position;
#pragma unroll
		for (int k = 0; k < K; k++) {
			if (first_column + k >= column_count) break;
			const u64 sum[3] = {low[v][k], middle[v][k] - low[v][k] - high[v][k], high[v][k]};
#pragma unroll
			for (int i = 0; i < 3; i++) {
				u32* at = sums + u64(3 * k + i) * component_stride;
				*at = add(*at, reduce_sum(sum[i], p), p.q);
			}
		}
	}
}
}  // namespace

#define ACCUMULATE(name, blocks, V, K)                                                                        \
	KERNEL(256, blocks) name(const u64* products, u32 count, const u32* columns, u32 column_count,            \
		const u32* d, const Prime* primes, u32 start, u32 samples, u32 total, u32 log_tiles, u32 component_stride) {      \
		accumulate<V, K>(products, count, columns, column_count, d, primes, start, samples, total, log_tiles,        \
			component_stride);                                                                                 \
	}                                                                                                          \
	EXPORT(name)

ACCUMULATE(accumulate_1, 3, 4, 1)
ACCUMULATE(accumulate_4, 2, 2, 4)
ACCUMULATE(accumulate_12, 1, 2, 12)
