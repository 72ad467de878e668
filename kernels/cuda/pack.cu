// Preparing weights and packing scores: what he/cpu/weights.go and he/cpu/pack.go do
// around transforms and key-switches.
#include "wide.cuh"

// rows[row][prime][N]: the polynomials values_0 − Σ_{j≥1} values_j·X^(N−j) of
// values[row][N], any 64-bit integers, in coefficients.
//
// Grid (N/256, primes, rows), a coefficient a thread. Reads 8 bytes, writes 4.
KERNEL(256, 6) reversed_rows(u32* rows, const long long* values, const Prime* primes) {
	const u32 n = gridDim.x * 256, i = blockIdx.x * 256 + threadIdx.x;
	const Prime& p = primes[blockIdx.y];
	const u32 from = (n - i) & (n - 1);
	const u64 x = u64(values[u64(blockIdx.z) * n + from]);
	// The magnitude of the coefficient, −2^63 too, and whether it is negative.
	const bool negative = x >> 63;
	const u32 r = reduce(negative ? 0 - x : x, p);
	rows[(u64(blockIdx.z) * gridDim.y + blockIdx.y) * n + i] = negative == (i == 0) ? sub(0, r, p.q) : r;
}
EXPORT(reversed_rows)

// nodes[score·slots + sample][component][prime][N] of
// sums[prime][tile][score][component][sample][64].
//
// Grid (N/1024, components·primes, scores·samples), 4 words a thread. Reads and writes 4
// bytes a word, in pieces of 256 bytes.
KERNEL(256, 6) gather(uint4* nodes, const uint4* sums, u32 scores, u32 components, u32 samples, u32 slots) {
	const u32 quads = gridDim.x * 256, i = blockIdx.x * 256 + threadIdx.x;  // of a row
	const u32 primes = gridDim.y / components, prime = blockIdx.y % primes, component = blockIdx.y / primes;
	const u32 score = blockIdx.z / samples, sample = blockIdx.z % samples;
	const u64 number = u64(prime) * (quads / 16) + i / 16;  // prime·tiles + tile
	const u64 from = ((number * scores + score) * components + component) * samples + sample;
	const u64 row = u64(score * slots + sample) * gridDim.y + blockIdx.y;
	nodes[row * quads + i] = sums[from * 16 + i % 16];
}
EXPORT(gather)

// Position i of a transformed row holds the value at ψ^(2·reverse(i)+1).
DEVICE u32 reverse(u32 i, u32 log_n) { return __brev(i) >> (32 - log_n); }

// Before the key-switch that joins two nodes [component][prime][N]: with x = odd·X^shift
//
//	difference = even − x,  even = even + x.
//
// Powers of ψ are the table of the transform, in bit-reversed order; ψ^N = −1.
//
// Grid (N/256, 2·primes, pairs). Reads 8 and writes 8 bytes a word.
KERNEL(256, 6) join_before(u32* difference, u32* even, const u32* odd, const Prime* primes, u64 stride, u32 shift,
	u32 log_n) {
	const u32 n = 1u << log_n, i = blockIdx.x * 256 + threadIdx.x;
	const Prime& p = primes[blockIdx.y % (gridDim.y / 2)];
	const u32 exponent = shift * (2 * reverse(i, log_n) + 1) & (2 * n - 1);
	const Factor f = p.forward[reverse(exponent & (n - 1), log_n)];
	const u64 at = u64(blockIdx.y) * n + i, node = blockIdx.z * stride + at;
	u32 x = mul(odd[node], f, p.q);
	if (exponent >= n) x = sub(0, x, p.q);
	const u32 e = even[node];
	difference[u64(blockIdx.z) * gridDim.y * n + at] = sub(e, x, p.q);
	even[node] = add(e, x, p.q);
}
EXPORT(join_before)

// After it: even += σ((difference_0, 0) + switched), σ: X → X^element. The automorphism
// moves positions: i takes that whose root is element times its own.
//
// Grid (N/256, 2·primes, pairs). Reads 10 and writes 4 bytes a word.
KERNEL(256, 6) join_after(u32* even, const u32* difference, const u32* switched, const Prime* primes, u64 stride,
	u32 element, u32 log_n) {
	const u32 n = 1u << log_n, i = blockIdx.x * 256 + threadIdx.x, count = gridDim.y / 2;
	const u32 q = primes[blockIdx.y % count].q;
	const u32 root = element * (2 * reverse(i, log_n) + 1) & (2 * n - 1);
	const u64 row = (u64(blockIdx.z) * gridDim.y + blockIdx.y) * n, from = row + reverse(root >> 1, log_n);
	u32 x = switched[from];
	if (blockIdx.y < count) x = add(x, difference[from], q);
	u32* at = even + blockIdx.z * stride + u64(blockIdx.y) * n + i;
	*at = add(*at, x, q);
}
EXPORT(join_after)
