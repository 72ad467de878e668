// Division of polynomials of 64-bit words by their last prime, rounded, as Lattigo v5.0.7
// (ring.DivRoundByLastModulusNTT) does it to the residue; quotient64 of switch.cu ends it.
#include "word.cuh"

// Coefficients modulo the last prime q, x[p][N], to representatives around zero modulo the primes
// that remain: lifted[p][row][N] = ((x + h) mod q) − h, h = (q − 1)/2.
//
// Lattigo adds h to words below 2q, of a lazy transform, and subtracts q once. Words q + c come of
// Montgomery products of a word below 2q with a factor below 2^61, and have c < 2q·2^61/2^64 = q/4:
// then c + h < q, and both give c + h.
//
// Grid (N/256, rows, polynomials). Reads and writes 8 bytes a thread, one product.
KERNEL(256, 8) rescale_lift64(u64* lifted, const u64* x, const Prime64* primes, u64 last, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x;
	const Prime64 m = primes[blockIdx.y];
	const u64 half = last / 2, y = add(x[u64(blockIdx.z) * n + at], half, last);
	const u64 minus_half = reduce_once(m.q - reduce(half, m), m.q);
	lifted[(u64(blockIdx.z) * gridDim.y + blockIdx.y) * n + at] = add(reduce(y, m), minus_half, m.q);
}
EXPORT(rescale_lift64)
