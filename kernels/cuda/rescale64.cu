// Division of polynomials of 64-bit words by their last prime, rounded, as Lattigo v5.0.7
// (ring.DivRoundByLastModulusNTT) does it to the residue.
//
// Its rounding goes one up or down with the representative, of the two below 2q, that its lazy inverse transform
// happens to give: for q near 2^60 that is so in every tenth coefficient. The transform of
// the last row is therefore done with its butterflies and its Montgomery products, whose order
// decides it.
#include "word64.cuh"

// Four stages of an inverse transform, or the first `stages` of the four: words 2^log_t apart
// are joined first. A thread has 16 words. Stages of 2^(log_t + stages) = N words finish: the division by N, and q/2
// added, which leaves words below 2q.
//
// dst[p][N] of src + p·stride. roots[N] are powers of the inverse of the 2N-th root in bit-reversed order, in Montgomery form;
// n_inv likewise.
//
// Grid (N/4096, polynomials). Reads and writes 8 bytes a word; 8 products a stage and thread.
KERNEL(256, 2) rescale_stages64(u64* dst, const u64* src, u64 stride, const u64* roots, const Modulus64* modulus, u64 n_inv, u32 log_t,
	u32 stages, u32 log_n) {
	const Modulus64 m = *modulus;
	const u32 thread = blockIdx.x * 256 + threadIdx.x, group = thread >> log_t;
	if (thread >> (log_n - 4)) return;
	const u64 begin = (u64(group) << (log_t + 4)) + (thread & ((1u << log_t) - 1));
	const u64* from = src + blockIdx.y * stride + begin;
	u64 x[16];
#pragma unroll
	for (u32 i = 0; i < 16; i++) x[i] = from[u64(i) << log_t];
#pragma unroll
	for (u32 s = 0; s < 4; s++) {
		if (s == stages) break;
		// The groups of this stage: N/2^(log_t + s + 1), of which 8 >> s here.
		const u64* powers = roots + (1u << (log_n - log_t - s - 1)) + (group << (3 - s));
#pragma unroll
		for (u32 i = 0; i < 16; i++) {
			if (i >> s & 1) continue;
			const u64 u = x[i], v = x[i + (1u << s)];
			x[i] = reduce_once(u + v, 2 * m.q);
			x[i + (1u << s)] = montgomery_lazy(u + 4 * m.q - v, powers[i >> (s + 1)], m);
		}
	}
	if (log_t + stages == log_n) {
#pragma unroll
		for (u32 i = 0; i < 16; i++) x[i] = reduce_once(montgomery_lazy(x[i], n_inv, m) + m.q / 2, m.q);
	}
	u64* to = dst + (u64(blockIdx.y) << log_n) + begin;
#pragma unroll
	for (u32 i = 0; i < 16; i++) to[u64(i) << log_t] = x[i];
}
EXPORT(rescale_stages64)

// Those words, x[p][N], less half of their prime, to the primes that remain: lifted[p][row][N].
//
// Grid (N/256, rows, polynomials). Reads and writes 8 bytes a thread, one product.
KERNEL(256, 8) rescale_lift64(u64* lifted, const u64* x, const Modulus64* moduli, u64 half, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x;
	const Modulus64 m = moduli[blockIdx.y];
	const u64 minus_half = m.q - reduce(half, m);
	lifted[(u64(blockIdx.z) * gridDim.y + blockIdx.y) * n + at] = add(reduce(x[u64(blockIdx.z) * n + at], m), reduce_once(minus_half, m.q), m.q);
}
EXPORT(rescale_lift64)
