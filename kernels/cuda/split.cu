// Nodes of an expansion tree into R = 2^levels children: the images under R − 1
// automorphisms, key-switched, and a Fourier transform of size R over them at every position
// (kernels/cpu/split.go, he/cpu/step.go).
#include "prime.cuh"

// P modulo a prime, and P·2^32.
struct Special {
	Factor times;
	u32 montgomery, unused;
};

constexpr int TOGETHER = 2;  // nodes a thread splits, which share the keys

DEVICE u32 reverse(u32 i, u32 log_n) { return __brev(i) >> (32 - log_n); }

// ψ^exponent of the table of ψ^i, i < N, in bit-reversed order; ψ^N = −1, and floor((q−w)·2^32/q)
// = 2^32 − 1 − floor(w·2^32/q).
DEVICE Factor power(const Prime& p, u32 exponent, u32 log_n) {
	Factor f = p.forward[reverse(exponent & ((1u << log_n) - 1), log_n)];
	if (exponent >> log_n & 1) f = {p.q - f.w, ~f.shoup};
	return f;
}

// Place of bits in reverse, of those below R.
template <int R> __host__ __device__ constexpr int reversed(int i) {
	int r = 0;
	for (int bit = 1; bit < R; bit *= 2) r = 2 * r + (i & bit ? 1 : 0);
	return r;
}

// The transform of size R, R ≤ 8: place b of the result is Σ_k ω^(−s·k)·x_k with s the reversal
// of b. Words double with every stage, to R·q at most; a difference is multiplied.
template <int R, int HALF = R / 2> DEVICE void fourier(u32* x, const Factor* omega, u32 q) {
	if constexpr (HALF > 0) {
#pragma unroll
		for (int k = 0; k < R / 2; k++) {
			const int at = k / HALF * 2 * HALF + k % HALF, power = k % HALF * (R / 2 / HALF);
			const u32 u = x[at], v = x[at + HALF];
			x[at] = u + v;
			x[at + HALF] = u - v + R / 2 / HALF * q;  // v < R/2/HALF·q
			if (power > 0) x[at + HALF] = reduce_once(mul_lazy(x[at + HALF], omega[power - 1], q), q);
		}
		fourier<R, HALF / 2>(x, omega, q);
	}
}

// children[p][child][2][primes][N] of nodes[p][2][primes − 1][N] and lifted[p][primes][digit][N],
// with keys[prime][digit][k−1][N][2], permuted as the automorphism moves words, in
// Montgomery form.
//
// Automorphism k, X → X^(1 + k·2N/(R·2^depth)), takes position i from where the root is g times
// its own; groups of 16 positions or more stay together, so that gathers read whole sectors.
//
// Grid (N/128, primes, nodes/2), a position and two nodes a thread, which share the keys. With
// R = 8 and D digits, for each node, prime and position:
//   reads 28·(D + 1) bytes of lifted and nodes, of which 4·(D + 2) are not in a cache yet, and
//   28·D of keys, which the second-level cache holds; writes 64;
//   14·D + 7 wide products, 14 Montgomery reductions, 24 multiplications by factors;
//   540 + 93·D instructions on sm_90, 93 in the loop over digits.
template <int R>
DEVICE void split(u32* children, const u32* nodes, const u32* lifted, const uint2* keys, const Special* specials, const Prime* primes,
	u32 log_n, u32 depth, u32 count) {
	const u32 n = 1u << log_n, i = blockIdx.x * 128 + threadIdx.x;
	const u32 prime = blockIdx.y, all = gridDim.y, digits = all - 1;
	const Prime p = primes[prime];
	const Special special = specials[prime];
	const u32 q = p.q, root = 2 * reverse(i, log_n) + 1;
	const bool in_node = prime < digits;  // P is 0 modulo itself

	const u32* node[TOGETHER];
	const u32* lift[TOGETHER];
	u32 x[TOGETHER][2][R];
#pragma unroll
	for (u32 v = 0; v < TOGETHER; v++) {
		const u64 number = min_u32(TOGETHER * blockIdx.z + v, count - 1);
		node[v] = nodes + ((number * 2 * digits + prime) << log_n);
		lift[v] = lifted + ((number * all + prime) * digits << log_n);
		x[v][0][0] = x[v][1][0] = 0;
		if (in_node) {
			x[v][0][0] = mul(node[v][i], special.times, q);
			x[v][1][0] = mul(node[v][(digits << log_n) + i], special.times, q);
		}
	}
	u32 from[R];
	u64 sums[TOGETHER][2][R];
#pragma unroll
	for (int k = 1; k < R; k++) {
		const u32 element = 1 + ((2 * k * n) / R >> depth);
		from[k] = reverse((element * root & (2 * n - 1)) >> 1, log_n);
#pragma unroll
		for (int v = 0; v < TOGETHER; v++) {
			sums[v][0][k] = in_node ? u64(node[v][from[k]]) * special.montgomery : 0;
			sums[v][1][k] = 0;
		}
	}
	const uint2* key = keys + (u64(prime) * digits * (R - 1) << log_n) + i;
	for (u32 d = 0; d < digits; d++) {
#pragma unroll
		for (int k = 1; k < R; k++) {
			const uint2 b = key[u32(k - 1) << log_n];
#pragma unroll
			for (int v = 0; v < TOGETHER; v++) {
				const u32 a = lift[v][from[k]];
				sums[v][0][k] += u64(a) * b.x;
				sums[v][1][k] += u64(a) * b.y;
			}
		}
		key += u64(R - 1) << log_n;
#pragma unroll
		for (int v = 0; v < TOGETHER; v++) lift[v] += n;
	}
#pragma unroll
	for (int v = 0; v < TOGETHER; v++) {
#pragma unroll
		for (int k = 1; k < R; k++) {
			x[v][0][k] = montgomery(sums[v][0][k], p);
			x[v][1][k] = montgomery(sums[v][1][k], p);
		}
	}

	Factor omega[R > 2 ? R / 2 - 1 : 1], factors[R];
#pragma unroll
	for (u32 j = 1; j < R / 2; j++) omega[j - 1] = power(p, (0u - j * (2 * n / R)) * root, log_n);
#pragma unroll
	for (u32 b = 1; b < R; b++) factors[b] = power(p, (0u - (u32(reversed<R>(b)) << depth)) * root, log_n);
#pragma unroll
	for (u32 v = 0; v < TOGETHER; v++) {
		const u64 number = TOGETHER * blockIdx.z + v;
		if (number >= count) break;
#pragma unroll
		for (u32 c = 0; c < 2; c++) {
			fourier<R>(x[v][c], omega, q);
			u32* to = children + (((number * R * 2 + c) * all + prime) << log_n) + i;
			u32 sum = x[v][c][0];
#pragma unroll
			for (u32 bound = R; bound > 1; bound /= 2) sum = min_u32(sum, sum - bound / 2 * q);
			to[0] = sum;
#pragma unroll
			for (u32 b = 1; b < R; b++) to[(b * 2 * u64(all)) << log_n] = mul(x[v][c][b], factors[b], q);
		}
	}
}

#define SPLIT(r, blocks)                                                                 \
	KERNEL(128, blocks) split_##r(u32* children, const u32* nodes, const u32* lifted, const uint2* keys, const Special* specials, \
		const Prime* primes, u32 log_n, u32 depth, u32 count) {                          \
		split<r>(children, nodes, lifted, keys, specials, primes, log_n, depth, count);  \
	}                                                                                    \
	EXPORT(split_##r)

SPLIT(2, 8)
SPLIT(4, 6)
SPLIT(8, 4)
