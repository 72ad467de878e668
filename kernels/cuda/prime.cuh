// Arithmetic modulo one prime below 2^28 on 32-bit words: the twin of
// kernels/cpu/modulus.go.
#pragma once
#include "kernel.cuh"

// A factor and its companion floor(factor·2^32 / q) (Shoup's trick; Harvey, J. Symb.
// Comput. 60, 2014, section 2).
struct __align__(8) Factor {
	u32 w, shoup;
};

// A prime and its tables in device memory: 64 bytes, written by ring.go. Multiples of q that are
// loaded are added in the same instruction as two other words; those that are computed
// cost one more in every butterfly.
struct Prime {
	u32 q;
	u32 neg_inv;            // −1/q mod 2^32
	u64 barrett;            // floor(2^64 / q)
	Factor n_inv;           // 1/N
	Factor montgomery;      // 2^32 mod q
	const Factor* forward;  // [N], powers of the 2N-th root in bit-reversed order
	const Factor* inverse;  // [N], of its inverse
	u32 q2, q4, q8, unused; // 2q, 4q, 8q
};

// k·q for k = 1, 2, 4 or 8.
template <int K> DEVICE u32 multiple(const Prime& p) {
	static_assert(K == 1 || K == 2 || K == 4 || K == 8, "not a multiple at hand");
	return K == 1 ? p.q : K == 2 ? p.q2 : K == 4 ? p.q4 : p.q8;
}

DEVICE u32 min_u32(u32 a, u32 b) { return a < b ? a : b; }

// x mod q for x < 2q.
DEVICE u32 reduce_once(u32 x, u32 q) { return min_u32(x, x - q); }

// a·w mod q in [0, 2q), any a.
DEVICE u32 mul_lazy(u32 a, Factor f, u32 q) { return a * f.w - __umulhi(a, f.shoup) * q; }

// a·w mod q, any a.
DEVICE u32 mul(u32 a, Factor f, u32 q) { return reduce_once(mul_lazy(a, f, q), q); }

// a + b and a − b mod q of reduced words.
DEVICE u32 add(u32 a, u32 b, u32 q) { return reduce_once(a + b, q); }
DEVICE u32 sub(u32 a, u32 b, u32 q) {
	u32 r = a - b;
	return min_u32(r, r + q);
}

// x mod q, any x: the estimate of the quotient is at most one short.
DEVICE u32 reduce(u64 x, const Prime& p) {
	return reduce_once(u32(x) - u32(__umul64hi(x, p.barrett)) * p.q, p.q);
}

// x/2^32 mod q for x < 15·q² (kernels/cpu: Modulus.montgomery).
DEVICE u32 montgomery(u64 x, const Prime& p) {
	u32 m = u32(x) * p.neg_inv;
	return reduce_once(u32((x + u64(m) * p.q) >> 32), p.q);
}
