// Sums of products in 64 bits, and their reduction.
#pragma once
#include "prime.cuh"

// a·b + c: one instruction, IMAD.WIDE. As mad.wide in inline assembly nvcc 11.8 splits
// it into a product and two additions, 327 instead of 183 instructions a sample in the
// multiply-accumulate of 12 columns.
DEVICE u64 mad_wide(u32 a, u32 b, u64 c) { return u64(a) * b + c; }

// An array whose address stands in device memory.
DEVICE u32* array(u64 address) { return reinterpret_cast<u32*>(address); }

// x/2^32 modulo q, below 2^32, for x < 2^63: then x + m·q < 2^63 + 2^60.
DEVICE u32 montgomery_lazy(u64 x, const Prime& p) {
	u32 m = u32(x) * p.neg_inv;
	return u32(mad_wide(m, p.q, x) >> 32);
}

// x mod q for x < 2^63, at half the price of reduce.
DEVICE u32 reduce_sum(u64 x, const Prime& p) { return mul(montgomery_lazy(x, p), p.montgomery, p.q); }

// x/2^32 mod q for x < 2^63. The estimate of the quotient is at most one short.
DEVICE u32 montgomery_sum(u64 x, const Prime& p) {
	u32 r = montgomery_lazy(x, p);
	return reduce_once(r - __umulhi(r, u32(p.barrett >> 32)) * p.q, p.q);
}
