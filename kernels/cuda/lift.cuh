// Residues of one prime modulo another: the twin of kernels/cpu/lift.go.
#pragma once
#include "prime.cuh"

// From prime `from` to another: representatives up to `top` are not negative.
struct Lifting {
	u32 from, top;
	bool simple;  // |representative| is at most the other prime
};

// low_half: (from−1)/2 counts as negative, as in Lattigo's decomposition.
DEVICE Lifting lifting(u32 from, u32 to, bool low_half) {
	return {from, low_half ? from / 2 - 1 : from / 2, from / 2 < to};
}

// The residue of x's representative, reduced.
DEVICE u32 lift_word(u32 x, const Lifting& lift, const Prime& to) {
	const bool negative = x > lift.top;
	if (lift.simple) return negative ? x + (to.q - lift.from) : x;
	const u32 r = reduce(negative ? lift.from - x : x, to);
	return negative ? sub(0, r, to.q) : r;
}
