// Transforms of rows, in place and out of place.
#include "ntt.cuh"

// rows[row][N]; row r is modulo prime first + r % count. Reduced, before and after.
//
// Grid: a block a row, N/32 threads. Reads and writes 4 bytes a word, and N/2·logN
// butterflies of three products.
#define DEFINE(LOG, THREADS, BLOCKS)                                                                       \
	KERNEL(THREADS, BLOCKS) forward_##LOG(u32* rows, const Prime* primes, u32 first, u32 count) {           \
		DYNAMIC_SHARED(u32, shared);                                                                       \
		const Prime p = primes[first + blockIdx.x % count];                                                \
		u32* row = rows + (u64(blockIdx.x) << LOG);                                                        \
		forward_transform<LOG>(shared, p, [&](u32 i) { return row[i]; }, [&](u32 i, u32 x) { row[i] = x; }); \
	}                                                                                                      \
	EXPORT(forward_##LOG)
FOR_EACH_DEGREE(DEFINE)
#undef DEFINE

// dst[row][N] of src, where row r is row r % count of polynomial r / count, at
// src[(r/count)·stride + (r%count)·N], modulo prime first + r % count. dst may be src.
#define DEFINE(LOG, THREADS, BLOCKS)                                                                       \
	KERNEL(THREADS, BLOCKS) inverse_##LOG(u32* dst, const u32* src, const Prime* primes, u64 stride, u32 first, u32 count) { \
		DYNAMIC_SHARED(u32, shared);                                                                       \
		const u32 l = blockIdx.x % count;                                                                  \
		const Prime p = primes[first + l];                                                                 \
		const u32* from = src + blockIdx.x / count * stride + (u64(l) << LOG);                             \
		u32* to = dst + (u64(blockIdx.x) << LOG);                                                          \
		inverse_transform<LOG>(shared, p, [&](u32 i) { return from[i]; }, [&](u32 i, u32 x) { to[i] = x; }); \
	}                                                                                                      \
	EXPORT(inverse_##LOG)
FOR_EACH_DEGREE(DEFINE)
#undef DEFINE
