// Sums and multiples of rows. Row i is modulo primes[i % count]. Grid: 4 words a thread,
// rows·N/1024 blocks.
#include "prime.cuh"

// dst = a + b. Reads 8 and writes 4 bytes a word.
KERNEL(256, 6) add_rows(uint4* dst, const uint4* a, const uint4* b, const Prime* primes, u32 count, u32 log_n) {
	const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
	const u32 q = primes[u32(i >> (log_n - 2)) % count].q;
	const uint4 x = a[i], y = b[i];
	dst[i] = make_uint4(add(x.x, y.x, q), add(x.y, y.y, q), add(x.z, y.z, q), add(x.w, y.w, q));
}
EXPORT(add_rows)

// rows times one factor a prime, of 8 at most. Reads and writes 4 bytes a word.
KERNEL(256, 6) scale_rows(uint4* rows, const Prime* primes, u32 count, u32 log_n, u64 f0, u64 f1, u64 f2, u64 f3, u64 f4, u64 f5,
	u64 f6, u64 f7) {
	const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
	const u32 number = u32(i >> (log_n - 2)) % count, q = primes[number].q;
	const u64 low = number & 2 ? (number & 1 ? f3 : f2) : (number & 1 ? f1 : f0);
	const u64 high = number & 2 ? (number & 1 ? f7 : f6) : (number & 1 ? f5 : f4);
	const u64 both = number & 4 ? high : low;
	const Factor f = {u32(both), u32(both >> 32)};
	const uint4 x = rows[i];
	rows[i] = make_uint4(mul(x.x, f, q), mul(x.y, f, q), mul(x.z, f, q), mul(x.w, f, q));
}
EXPORT(scale_rows)
