// Transforms of rows. Grid: a block for each row (for each of its 2^parts smaller
// transforms after a pass over columns), row i being row i % count of polynomial i / count and
// modulo primes[i % count]. 2^LOG/32 threads, 4·(2^LOG + gaps) bytes of shared memory.
//
// Each reads and writes 4 bytes a word, and 8·(2^LOG − 1) bytes of powers a block that
// stay in the second-level cache. LOG·2^(LOG−1) butterflies of three multiplications.
#include "ntt.cuh"

template <int LOG> DEVICE void forward_rows(u32* rows, const Prime* primes, u32 count, u32 parts) {
	DYNAMIC_SHARED(u32, shared);
	const Prime p = primes[(blockIdx.x >> parts) % count];
	u32* row = rows + (u64(blockIdx.x) << LOG);
	const u32 root = (1u << parts) + (blockIdx.x & ((1u << parts) - 1));
	forward_transform<LOG, 1>(shared, p, root,
		[&](u32 begin, u32* x) {
			repeat<PER_THREAD>([&](auto e) { x[e.value] = row[begin + (e.value << (LOG - FIRST_STAGES))]; });
		},
		[&](u32 i, uint4 x) { *reinterpret_cast<uint4*>(row + i) = x; });
}

// dst and src hold row i of polynomial p at p·stride + i·N; dst may be src.
template <int LOG>
DEVICE void inverse_rows(u32* dst, u64 dst_stride, const u32* src, u64 src_stride, const Prime* primes, u32 count, u32 parts) {
	DYNAMIC_SHARED(u32, shared);
	const u32 number = blockIdx.x >> parts, part = blockIdx.x & ((1u << parts) - 1);
	const u32 polynomial = number / count, row = number % count;
	const Prime p = primes[row];
	const u64 at = u64(row << parts | part) << LOG;
	u32* to = dst + polynomial * dst_stride + at;
	const u32* from = src + polynomial * src_stride + at;
	inverse_transform<LOG>(shared, p, (1u << parts) + part, parts ? one(p) : p.n_inv,
		[&](u32 i) { return *reinterpret_cast<const uint4*>(from + i); },
		[&](u32 i, u32 x) { to[i] = x; });
}

#define ROWS(log, blocks)                                                                \
	KERNEL((1 << log) / PER_THREAD, blocks) forward_##log(u32* rows, const Prime* primes, u32 count, u32 parts) { \
		forward_rows<log>(rows, primes, count, parts);                                   \
	}                                                                                    \
	EXPORT(forward_##log)                                                                \
	KERNEL((1 << log) / PER_THREAD, blocks)                                              \
	inverse_##log(u32* dst, u64 dst_stride, const u32* src, u64 src_stride, const Prime* primes, u32 count, u32 parts) { \
		inverse_rows<log>(dst, dst_stride, src, src_stride, primes, count, parts);       \
	}                                                                                    \
	EXPORT(inverse_##log)

ROWS(10, 16)
ROWS(11, 10)
ROWS(12, 6)
ROWS(13, 3)
ROWS(14, 1)

// The first stages of a forward transform, of columns of 32 words. Grid (N/4096, rows),
// a column a thread, in place.
KERNEL(128, 3) forward_columns(u32* rows, const Prime* primes, u32 count, u32 log_n) {
	const Prime p = primes[blockIdx.y % count];
	const u32 width = 1u << (log_n - LOG_COLUMNS);
	u32* column = rows + (u64(blockIdx.y) << log_n) + blockIdx.x * 128 + threadIdx.x;
	u32 x[PER_THREAD];
	repeat<PER_THREAD>([&](auto e) { x[e.value] = column[e.value * width]; });
	forward_stages<LOG_COLUMNS, 1>(x, p.forward, 1, p);
	constexpr int bound = forward_bounds(1, LOG_COLUMNS);
	repeat<PER_THREAD>([&](auto e) { column[e.value * width] = reduce_to<bound, 1>(x[e.value], p); });
}
EXPORT(forward_columns)

// The last stages of an inverse transform.
KERNEL(128, 3) inverse_columns(u32* rows, u64 stride, const Prime* primes, u32 count, u32 log_n) {
	const Prime p = primes[blockIdx.y % count];
	const u32 width = 1u << (log_n - LOG_COLUMNS);
	u32* column = rows + blockIdx.y / count * stride + (u64(blockIdx.y % count) << log_n) + blockIdx.x * 128 + threadIdx.x;
	u32 x[PER_THREAD];
	repeat<PER_THREAD>([&](auto e) { x[e.value] = column[e.value * width]; });
	inverse_stages<LOG_COLUMNS, 1>(x, p.inverse, 1, p);
	repeat<PER_THREAD>([&](auto e) { column[e.value * width] = mul(x[e.value], p.n_inv, p.q); });
}
EXPORT(inverse_columns)
