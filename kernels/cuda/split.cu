// A step of the expansion: nodes into the parts that hold every R-th coefficient. The twin
// of he/cpu/step.go and kernels/cpu/split.go.
#include "prime.cuh"

namespace {
// Position i of a transformed row holds the value at ψ^(2·reverse(i)+1).
DEVICE u32 reverse_bits(u32 i, u32 log_n) { return __brev(i) >> (32 - log_n); }

// x·ψ^exponent. Powers of ψ are the transform's table; ψ^N = −1.
DEVICE u32 turn(u32 x, u32 exponent, const Prime& p, u32 log_n) {
	const u32 n = 1u << log_n;
	exponent &= 2 * n - 1;
	const u32 r = mul(x, p.forward[reverse_bits(exponent & (n - 1), log_n)], p.q);
	return exponent < n ? r : sub(0, r, p.q);
}

// children[node][b][2][primes][N] of nodes[node][2][primes−1][N], not yet divided by P:
//
//	child_b = X^(−2^depth·s) · Σ_k ω^(−s·k)·x_k,  ω = X^(2N/R),  R = 2^Levels,  s = reverse(b),
//	x_k = σ_k((P·node_0, 0) + Σ_i lifted_i·key_k,i),  x_0 = P·node,
//
// where σ_k is X → X^(1 + k·2N/(R·2^depth)), which moves positions. lifted[node][prime][i][N]
// are the digits of the second half; keys[k−1][component][prime][i][N] are in Montgomery form
// and already permuted by σ_k.
//
// Grid (N/256, primes, nodes·2), the last for node and component. A thread takes a
// position: it reads 4·(R−1)·digits bytes each of digits, in pieces of 64 bytes, and of
// keys, and writes 4·R.
template <int Levels>
DEVICE void split(u32* children, const u32* nodes, const u32* lifted, const u32* keys, const Prime* primes,
	const Factor* special, u32 log_n, u32 depth) {
	constexpr u32 R = 1 << Levels;
	const u32 n = 1u << log_n, l = blockIdx.y, count = gridDim.y, digits = count - 1;
	const u32 node = blockIdx.z / 2, c = blockIdx.z % 2;
	const u32 i = blockIdx.x * 256 + threadIdx.x, root = 2 * reverse_bits(i, log_n) + 1;
	const Prime p = primes[l];
	const u32* own = nodes + ((u64(node) * 2 + c) * digits + l) * n;
	lifted += (u64(node) * count + l) * digits * n;
	keys += (u64(c) * count + l) * digits * n + i;

	u32 x[R];
	x[0] = l < digits ? mul(own[i], special[l], p.q) : 0;
#pragma unroll
	for (u32 k = 1; k < R; k++) {
		const u32 element = 1 + (k * 2 * n >> (depth + Levels));
		const u32 from = reverse_bits((element * root & (2 * n - 1)) >> 1, log_n);
		const u32* key = keys + u64(k - 1) * 2 * count * digits * n;
		u64 sum = 0;
		for (u32 d = 0; d < digits; d++) sum += u64(lifted[u64(d) * n + from]) * key[u64(d) * n];
		x[k] = montgomery(sum, p);
		if (c == 0 && l < digits) x[k] = add(x[k], mul(own[from], special[l], p.q), p.q);
	}
	// Decimation in frequency: place b ends up with part reverse(b).
#pragma unroll
	for (u32 half = R / 2; half > 0; half /= 2) {
#pragma unroll
		for (u32 k = 0; k < R / 2; k++) {
			const u32 at = k / half * 2 * half + k % half, power = k % half * (R / 2 / half);
			const u32 u = x[at], v = x[at + half];
			x[at] = add(u, v, p.q);
			x[at + half] = sub(u, v, p.q);
			if (power > 0) x[at + half] = turn(x[at + half], (2 * n - power * (2 * n / R)) * root, p, log_n);
		}
	}
#pragma unroll
	for (u32 b = 0; b < R; b++) {
		u32 s = 0;
#pragma unroll
		for (int bit = 0; bit < Levels; bit++) s |= (b >> bit & 1) << (Levels - 1 - bit);
		const u32 y = s == 0 ? x[0] : turn(x[b], (2 * n - (s << depth)) * root, p, log_n);
		children[(((u64(node) * R + b) * 2 + c) * count + l) * n + i] = y;
	}
}
}  // namespace

#define SPLIT(name, levels)                                                                                \
	KERNEL(256, 3) name(u32* children, const u32* nodes, const u32* lifted, const u32* keys, const Prime* primes, \
		const Factor* special, u32 log_n, u32 depth) {                                                     \
		split<levels>(children, nodes, lifted, keys, primes, special, log_n, depth);                       \
	}                                                                                                      \
	EXPORT(name)

SPLIT(split_1, 1)
SPLIT(split_2, 2)
SPLIT(split_3, 3)
