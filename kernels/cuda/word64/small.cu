// Sums and automorphisms of rows of 64-bit words.
#include "word.cuh"

// dst = a + b, row i modulo primes[i % count]. Grid: a word a thread. Reads 16 and writes 8 bytes.
KERNEL(256, 8) add_rows64(u64* dst, const u64* a, const u64* b, const Prime64* primes, u32 count, u32 log_n) {
	const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
	dst[i] = add(a[i], b[i], primes[u32(i >> log_n) % count].q);
}
EXPORT(add_rows64)

// Rows of transforms under X → X^g: word i is the value at power 2·i' + 1 of the
// root, i' being i with its bits reversed. Grid: a word a thread. Reads and writes 8 bytes.
KERNEL(256, 8) permute64(u64* dst, const u64* src, u32 g, u32 log_n) {
	const u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
	const u32 mask = (1u << log_n) - 1, place = __brev(u32(i) & mask) >> (32 - log_n);
	const u32 from = (g * (2 * place + 1) >> 1) & mask;
	dst[i] = src[(i & ~u64(mask)) + (__brev(from) >> (32 - log_n))];
}
EXPORT(permute64)
