// Arithmetic modulo one prime below 2^61 on 64-bit words.
#pragma once
#include "kernel.cuh"

// A factor and floor(factor·2^64 / q).
struct __align__(16) Factor64 {
	u64 w, shoup;
};

// A prime and its tables in device memory: 64 bytes, written by ring.go.
struct __align__(16) Prime64 {
	u64 q;
	u64 inverse;  // 1/q mod 2^64
	u64 barrett;  // floor(2^64 / q)
	u64 square;   // 2^128 mod q
	Factor64 n_inv;           // 1/N
	const Factor64* forward;  // [N], powers of the 2N-th root in bit-reversed order
	const Factor64* backward; // [N], of its inverse
};

// x mod q for x < 2q.
DEVICE u64 reduce_once(u64 x, u64 q) { return x < q ? x : x - q; }

// a·w mod q in [0, 2q), and reduced, any a.
DEVICE u64 mul_lazy(u64 a, Factor64 f, u64 q) { return a * f.w - __umul64hi(a, f.shoup) * q; }
DEVICE u64 mul(u64 a, Factor64 f, u64 q) { return reduce_once(mul_lazy(a, f, q), q); }

// a + b mod q of reduced words.
DEVICE u64 add(u64 a, u64 b, u64 q) { return reduce_once(a + b, q); }

// A sum of products of words, below 2^128: 63 products of reduced ones.
struct Sum128 {
	u64 low, high;

	__device__ Sum128() : low(0), high(0) {}
	__device__ void add(u64 a, u64 b) {
		const u64 product = a * b;
		low += product;
		high += __umul64hi(a, b) + (low < product);
	}
};

// x mod q, any x: the estimate of the quotient is at most one short.
DEVICE u64 reduce(u64 x, const Prime64& p) { return reduce_once(x - __umul64hi(x, p.barrett) * p.q, p.q); }

// x/2^64 mod q: x.high·2^64 + x.low, less the multiple of q that clears the low word.
DEVICE u64 montgomery(Sum128 x, const Prime64& p) {
	return reduce_once(reduce(x.high, p) - __umul64hi(x.low * p.inverse, p.q) + p.q, p.q);
}

// x mod q.
DEVICE u64 reduce(Sum128 x, const Prime64& p) {
	Sum128 y;
	y.add(montgomery(x, p), p.square);
	return montgomery(y, p);
}
