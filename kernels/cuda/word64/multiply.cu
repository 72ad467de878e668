// Products of ciphertexts of 64-bit words.
#include "word.cuh"

// sums[p][3][count][N] += Σ_t a[t][p] ⊗ b[t][p], of the products (a0·b0, a0·b1 + a1·b0, a1·b1) of ciphertexts
// [2][count][N]. Term t + 1 of a and b begins a_next and b_next words after term t, so that
// one ciphertext may stand for all of them. At most 31 terms: the middle sum has 62 products.
//
// Grid (N/256, count, ciphertexts), a word a thread. Reads 32·terms + 24 and writes 24 bytes, with 4·terms
// products of 128 bits, reduced once.
KERNEL(256, 3) multiply_add64(u64* sums, const u64* a, u64 a_next, const u64* b, u64 b_next, const Prime64* primes, u32 terms, u32 n) {
	const u32 count = gridDim.y, at = blockIdx.x * 256 + threadIdx.x;
	const u64 half = u64(count) * n, word = u64(blockIdx.y) * n + at;
	const Prime64 m = primes[blockIdx.y];
	a += 2 * half * blockIdx.z + word;
	b += 2 * half * blockIdx.z + word;
	Sum128 products[3];
	for (u32 t = 0; t < terms; t++) {
		const u64 x[2] = {a[0], a[half]}, y[2] = {b[0], b[half]};
		products[0].add(x[0], y[0]);
		products[1].add(x[0], y[1]);
		products[1].add(x[1], y[0]);
		products[2].add(x[1], y[1]);
		a += a_next;
		b += b_next;
	}
	u64* to = sums + 3 * half * blockIdx.z + word;
#pragma unroll
	for (int c = 0; c < 3; c++) to[c * half] = add(to[c * half], reduce(products[c], m), m.q);
}
EXPORT(multiply_add64)
