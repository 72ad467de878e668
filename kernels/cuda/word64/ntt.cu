// Transforms of rows of 64-bit words, four stages at a time: a thread has 16 words, 2^log_t
// apart. Row i is row i % count of polynomial i / count and modulo primes[i % count].
//
// The last 12 stages of a forward transform (the first of an inverse one) stay within 2^12
// words, which a block has in shared memory between passes; the others, in rings above 2^12,
// go through memory, four at a time. Every launch reads and writes 8 bytes a word, and powers that
// stay in the second-level cache; a stage has half a butterfly of three 64-bit products a word.
//
// Grid: N/16 threads a row, at most 256 a block.
#include "word.cuh"

constexpr u32 LOG_BLOCK = 12;

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

// Stages s = 3 … 4 − stages of a forward transform. Words stay below 4q.
DEVICE void forward_stages64(u64* x, const Prime64& p, u32 stages, u32 group, u32 log_t, u32 log_n) {
#pragma unroll
	for (u32 s = 4; s-- > 0;) {
		if (s + stages < 4) break;
#pragma unroll
		for (u32 i = 0; i < 16; i++) {
			if (i >> s & 1) continue;
			const u64 u = reduce_once(x[i], 2 * p.q);
			const u64 v = mul_lazy(x[i + (1u << s)], power(p.forward, i, s, group, log_t, log_n), p.q);
			x[i] = u + v;
			x[i + (1u << s)] = u + 2 * p.q - v;
		}
	}
}

// Stages s = 4 − stages … 3 of an inverse transform. Words stay below 2q.
DEVICE void inverse_stages64(u64* x, const Prime64& p, u32 stages, u32 group, u32 log_t, u32 log_n) {
#pragma unroll
	for (u32 s = 0; s < 4; s++) {
		if (s + stages < 4) continue;
#pragma unroll
		for (u32 i = 0; i < 16; i++) {
			if (i >> s & 1) continue;
			const u64 u = x[i], v = x[i + (1u << s)];
			x[i] = reduce_once(u + v, 2 * p.q);
			x[i + (1u << s)] = mul_lazy(u + 2 * p.q - v, power(p.backward, i, s, group, log_t, log_n), p.q);
		}
	}
}

// The next `stages` stages of a forward transform, in place, in a ring above 2^12.
KERNEL(256, 2) forward_pass64(u64* rows, const Prime64* primes, u32 count, u32 log_t, u32 stages, u32 log_n) {
	const Place64 at(log_t, log_n);
	const Prime64 p = primes[at.row % count];
	u64* words = rows + (u64(at.row) << log_n) + at.begin;
	u64 x[16];
#pragma unroll
	for (u32 i = 0; i < 16; i++) x[i] = words[u64(i) << log_t];
	forward_stages64(x, p, stages, at.group, log_t, log_n);
#pragma unroll
	for (u32 i = 0; i < 16; i++) words[u64(i) << log_t] = x[i];
}
EXPORT(forward_pass64)

// The next `stages` stages of an inverse transform, in place, in a ring above 2^12. The
// last ones, 2^(log_t + 4) = N, divide by N and reduce.
KERNEL(256, 2) inverse_pass64(u64* rows, const Prime64* primes, u32 count, u32 log_t, u32 stages, u32 log_n) {
	const Place64 at(log_t, log_n);
	const Prime64 p = primes[at.row % count];
	u64* words = rows + (u64(at.row) << log_n) + at.begin;
	u64 x[16];
#pragma unroll
	for (u32 i = 0; i < 16; i++) x[i] = words[u64(i) << log_t];
	inverse_stages64(x, p, stages, at.group, log_t, log_n);
	const bool last = log_t + 4 == log_n;
#pragma unroll
	for (u32 i = 0; i < 16; i++) words[u64(i) << log_t] = last ? mul(x[i], p.n_inv, p.q) : x[i];
}
EXPORT(inverse_pass64)

// Places of shared memory: a gap after every 16 words brings the words of neighbouring
// threads to different banks.
DEVICE u32 padded64(u32 i) { return i + (i >> 4); }

// The last stages of a forward transform, min(12, log_n), in place: 16 words a thread, which
// the block shares. Reduces.
KERNEL(256, 2) forward_block64(u64* rows, const Prime64* primes, u32 count, u32 log_n) {
	DYNAMIC_SHARED(u64, shared);
	const u64 first = u64(blockIdx.x) * blockDim.x * 16;
	u64 x[16];
	u32 left = log_n < LOG_BLOCK ? log_n : LOG_BLOCK;
	for (bool loaded = false; left > 0; loaded = true) {
		const u32 stages = (left - 1) % 4 + 1;
		left -= stages;
		const u32 log_t = left < log_n - 4 ? left : log_n - 4;
		const Place64 at(log_t, log_n);
		const Prime64 p = primes[at.row % count];
		const u64 begin = (u64(at.row) << log_n) + at.begin;
		const u32 place = u32(begin - first);
#pragma unroll
		for (u32 i = 0; i < 16; i++) x[i] = loaded ? shared[padded64(place + (i << log_t))] : rows[begin + (u64(i) << log_t)];
		forward_stages64(x, p, stages, at.group, log_t, log_n);
#pragma unroll
		for (u32 i = 0; i < 16; i++)
			shared[padded64(place + (i << log_t))] = left ? x[i] : reduce_once(reduce_once(x[i], 2 * p.q), p.q);
		__syncthreads();
	}
#pragma unroll
	for (u32 i = 0; i < 16; i++) rows[first + i * blockDim.x + threadIdx.x] = shared[padded64(i * blockDim.x + threadIdx.x)];
}
EXPORT(forward_block64)

// The first stages of an inverse transform, min(12, log_n): dst[row][N] of src +
// polynomial·stride + (row % count)·N. In rings up to 2^12 they are all, divide by N and reduce.
KERNEL(256, 2) inverse_block64(u64* dst, const u64* src, u64 stride, const Prime64* primes, u32 count, u32 log_n) {
	DYNAMIC_SHARED(u64, shared);
	const u64 first = u64(blockIdx.x) * blockDim.x * 16;
	const u64 row = first >> log_n;
	const u64* from = src + row / count * stride + ((row % count) << log_n) + (first & ((u64(1) << log_n) - 1));
#pragma unroll
	for (u32 i = 0; i < 16; i++) shared[padded64(i * blockDim.x + threadIdx.x)] = from[i * blockDim.x + threadIdx.x];
	__syncthreads();
	const u32 end = log_n < LOG_BLOCK ? log_n : LOG_BLOCK;
	for (u32 done = 0; done < end;) {
		const u32 stages = end - done < 4 ? end - done : 4, log_t = done < log_n - 4 ? done : log_n - 4;
		const Place64 at(log_t, log_n);
		const Prime64 p = primes[at.row % count];
		const u64 begin = (u64(at.row) << log_n) + at.begin;
		const u32 place = u32(begin - first);
		u64 x[16];
#pragma unroll
		for (u32 i = 0; i < 16; i++) x[i] = shared[padded64(place + (i << log_t))];
		inverse_stages64(x, p, stages, at.group, log_t, log_n);
		done += stages;
		if (done < end) {
#pragma unroll
			for (u32 i = 0; i < 16; i++) shared[padded64(place + (i << log_t))] = x[i];
		} else {
#pragma unroll
			for (u32 i = 0; i < 16; i++) dst[begin + (u64(i) << log_t)] = done == log_n ? mul(x[i], p.n_inv, p.q) : x[i];
		}
		__syncthreads();
	}
}
EXPORT(inverse_block64)
