// Transforms of rows of 64-bit words, in passes of up to four stages: a thread has 16 words,
// 2^log_t apart. Row i is row i % count of polynomial i / count and modulo primes[i % count].
//
// Grid: N/16 threads a row, at most 256 a block. Each pass reads and writes 8 bytes a word, and powers that
// stay in the second-level cache; 32 butterflies of three 64-bit products a thread.
#include "word64.cuh"

// Where a thread's words are.
struct Place64 {
	u32 row, group;
	u64 begin;

	__device__ Place64(u32 log_t, u32 log_n) {
		const u64 thread = u64(blockIdx.x) * blockDim.x + threadIdx.x;
		const u32 in_row = u32(thread) & ((1u << (log_n - 4)) - 1);
		row = u32(thread >> (log_n - 4));
		group = in_row >> log_t;
		begin = (u64(group) << (log_t + 4)) + (in_row & ((1u << log_t) - 1));
	}
};

// The power of the butterflies of words i of stage s, whose words are 2^(log_t + s) apart.
DEVICE Factor64 power(const Factor64* powers, u32 i, u32 s, u32 group, u32 log_t, u32 log_n) {
	return powers[(1u << (log_n - log_t - s - 1)) + (group << (3 - s)) + (i >> (s + 1))];
}

// The next `stages` stages of a forward transform, in place. Words stay below 4q; the last pass,
// log_t = 0, reduces them.
KERNEL(256, 2) forward_pass64(u64* rows, const Prime64* primes, u32 count, u32 log_t, u32 stages, u32 log_n) {
	const Place64 at(log_t, log_n);
	const Prime64 p = primes[at.row % count];
	u64* words = rows + (u64(at.row) << log_n) + at.begin;
	u64 x[16];
#pragma unroll
	for (u32 i = 0; i < 16; i++) x[i] = words[u64(i) << log_t];
#pragma unroll
	for (u32 s = 4; s-- > 0;) {
		if (s + stages < 4) break;
#pragma unroll
		for (u32 i = 0; i < 16; i++) {
			if (i >> s & 1) continue;
			const u64 u = reduce_once(x[i], 2 * p.q);
			const u64 v = mul_lazy(x[i + (1u << s)], power(p.forward, i, s, at.group, log_t, log_n), p.q);
			x[i] = u + v;
			x[i + (1u << s)] = u + 2 * p.q - v;
		}
	}
#pragma unroll
	for (u32 i = 0; i < 16; i++) words[u64(i) << log_t] = log_t ? x[i] : reduce_once(reduce_once(x[i], 2 * p.q), p.q);
}
EXPORT(forward_pass64)

// The next `stages` stages of an inverse transform: dst[row][N] of src + polynomial·stride + (row % count)·N. Words stay below 2q;
// the last pass, 2^(log_t + 4) = N, divides by N and reduces them.
KERNEL(256, 2) inverse_pass64(u64* dst, const u64* src, u64 stride, const Prime64* primes, u32 count, u32 log_t, u32 stages, u32 log_n) {
	const Place64 at(log_t, log_n);
	const Prime64 p = primes[at.row % count];
	const u64* from = src + at.row / count * stride + (u64(at.row % count) << log_n) + at.begin;
	u64 x[16];
#pragma unroll
	for (u32 i = 0; i < 16; i++) x[i] = from[u64(i) << log_t];
#pragma unroll
	for (u32 s = 0; s < 4; s++) {
		if (s + stages < 4) continue;
#pragma unroll
		for (u32 i = 0; i < 16; i++) {
			if (i >> s & 1) continue;
			const u64 u = x[i], v = x[i + (1u << s)];
			x[i] = reduce_once(u + v, 2 * p.q);
			x[i + (1u << s)] = mul_lazy(u + 2 * p.q - v, power(p.backward, i, s, at.group, log_t, log_n), p.q);
		}
	}
	u64* to = dst + (u64(at.row) << log_n) + at.begin;
	const bool last = log_t + 4 == log_n;
#pragma unroll
	for (u32 i = 0; i < 16; i++) to[u64(i) << log_t] = last ? mul(x[i], p.n_inv, p.q) : x[i];
}
EXPORT(inverse_pass64)
