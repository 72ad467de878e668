// Key-switching of polynomials of 64-bit words, with digits of several primes, as Lattigo
// v5.0.7 (core/rlwe, ring) does it to the residue. N words a row. A ring's last `special` primes
// are P, those before are Q, and its first `keep` primes are those of the polynomials.
//
// Digits and divisions by P lift numbers x < S, S = s_0·s_1·…, from their residues x_j to other
// primes t: with y_j = x_j·(s_j/S) mod s_j,
//
//	x = Σ y_j·(S/s_j) − v·S,  v = floor(Σ y_j/s_j),
//
// where v is computed in floating point, rounding to nearest, in the order of j. Within about
// 2^-50·S of a multiple of S it is one off, and so is Lattigo's: the sums are done as
// there, for equality of what comes out.
#include "word64.cuh"

// The most primes of P: y_j stay in registers.
constexpr u32 MOST_SPECIAL = 8;

// What the lift of one basis S to primes t = 0 … total − 1 of the ring takes, in Factors:
//
//	[j < special]  {(S/2) mod s_j, s_j}, s_j/S mod s_j
//	[t < total]    {−(S/2) mod t, t}, −S mod t, S/s_j mod t for j < special
//
// Halves are zero in a digit of one prime.
struct Basis {
	const Factor64* factors;
	u32 special;

	__device__ const Factor64* source(u32 j) const { return factors + 2 * j; }
	__device__ const Factor64* target(u32 t) const { return factors + 2 * special + t * (special + 2); }
};

// A number in the basis.
struct Residues {
	u64 y[MOST_SPECIAL];
	u64 v;

	// column[j·n] are residues modulo `count` primes. Of one prime, where `signs` says so, the
	// representative is the one in [−(s+1)/2, (s−3)/2], and exact.
	__device__ Residues(const u64* column, u32 n, const Basis& basis, u32 count, bool signs) {
		double sum = 0;
#pragma unroll
		for (u32 j = 0; j < MOST_SPECIAL; j++) {
			if (j == count) break;
			const Factor64 half = basis.source(j)[0], inverse = basis.source(j)[1];
			y[j] = mul(column[u64(j) * n] + half.w, inverse, half.shoup);
			sum = __dadd_rn(sum, __ddiv_rn(__ull2double_rn(y[j]), __ull2double_rn(half.shoup)));
		}
		v = __double2ull_rz(sum);
		if (signs && count == 1) v = y[0] >= basis.source(0)->shoup / 2;
	}

	// The number modulo prime t, halves taken off.
	__device__ u64 modulo(const Basis& basis, u32 t, u32 count) const {
		const Factor64* f = basis.target(t);
		const u64 q = f[0].shoup;
		u64 x = add(f[0].w, mul(v, f[1], q), q);
#pragma unroll
		for (u32 j = 0; j < MOST_SPECIAL; j++) {
			if (j == count) break;
			x = add(x, mul(y[j], f[2 + j], q), q);
		}
		return x;
	}
};

// Digits of polynomials in coefficients, polys[p][keep][N], lifted to all primes:
// ordinary[p][digit][keep][N] and extra[p][digit][special][N]. A digit has `special` primes, or
// those that are left; bases[digit][primes of it − 1] of basis_size Factors.
//
// Grid (N/256, digits, polynomials). A thread reads 8 bytes for each prime of the digit
// and writes 8·(keep + special). Ten 32-bit multiplications for each product of 64-bit words: with s primes in a digit s + 1
// products and s divisions of doubles, and s + 1 products a target.
KERNEL(256, 2) lift_digits64(u64* ordinary, u64* extra, const u64* polys, const Factor64* bases, u64 basis_size, u32 keep, u32 special,
	u32 total, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x, digit = blockIdx.y, first = digit * special;
	const u32 count = keep - first < special ? keep - first : special;
	const Basis basis = {bases + (first + count - 1) * basis_size, special};
	const u64* column = polys + (u64(blockIdx.z) * keep + first) * n + at;
	const Residues x(column, n, basis, count, true);
	const u64 row = u64(blockIdx.z) * gridDim.y + digit;
	u64* to = ordinary + row * keep * n + at;
	for (u32 t = 0; t < keep; t++) to[u64(t) * n] = t - first < count ? column[u64(t - first) * n] : x.modulo(basis, t, count);
	to = extra + row * special * n + at;
	for (u32 t = 0; t < special; t++) to[u64(t) * n] = x.modulo(basis, total - special + t, count);
}
EXPORT(lift_digits64)

// Remainders by P, rest[p][special][N] in coefficients, lifted to the representative in
// [−P/2, P/2] modulo the primes that remain: lifted[p][keep][N].
//
// Grid (N/256, polynomials). Reads 8·special and writes 8·keep bytes a thread; products as above.
KERNEL(256, 2) lift_remainder64(u64* lifted, const u64* rest, const Factor64* basis_factors, u32 keep, u32 special, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x;
	const Basis basis = {basis_factors, special};
	const Residues x(rest + u64(blockIdx.y) * special * n + at, n, basis, special, false);
	u64* to = lifted + u64(blockIdx.y) * keep * n + at;
	for (u32 t = 0; t < keep; t++) to[u64(t) * n] = x.modulo(basis, t, special);
}
EXPORT(lift_remainder64)

// Products of lifted digits with a key, rows of some primes of the ring:
//
//	out[p][component][row][N] = Σ_i lifted[p][i][row][N] · key[i][component][first + row][N]/2^64
//
// keys being in Montgomery form, whose factor 2^64 the one reduction of a sum takes out. Sums of 63 products stay
// below 2^128.
//
// Grid (N/256, rows, polynomials/2): a thread has one word of two polynomials, so that they share
// what is read of the key. Reads 32·digits and writes 32 bytes, with 4·digits products of 128 bits.
KERNEL(256, 3) inner_product64(u64* out, const u64* lifted, const u64* key, const Modulus64* moduli, u32 first, u32 total, u32 digits,
	u32 count, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x, row = blockIdx.y, rows = gridDim.y, p = 2 * blockIdx.z;
	const u32 pair = p + 1 < count ? 2 : 1;
	const Modulus64 m = moduli[first + row];
	const u64* from = lifted + (u64(p) * digits * rows + row) * n + at;
	const u64* factors = key + u64(first + row) * n + at;
	u64 low[2][2] = {}, high[2][2] = {};
	for (u32 i = 0; i < digits; i++) {
		const u64 f[2] = {factors[u64(2 * i) * total * n], factors[u64(2 * i + 1) * total * n]};
#pragma unroll
		for (u32 e = 0; e < 2; e++) {
			if (e == pair) break;
			const u64 x = from[u64(e * digits + i) * rows * n];
#pragma unroll
			for (u32 c = 0; c < 2; c++) {
				const u64 product = x * f[c];
				low[e][c] += product;
				high[e][c] += __umul64hi(x, f[c]) + (low[e][c] < product);
			}
		}
	}
	u64* to = out + (u64(2 * p) * rows + row) * n + at;
#pragma unroll
	for (u32 e = 0; e < 2; e++) {
		if (e == pair) break;
#pragma unroll
		for (u32 c = 0; c < 2; c++) {
			// (high·2^64 + low)/2^64, in (0, 2q) once high is reduced.
			const u64 x = reduce(high[e][c], m) - __umul64hi(low[e][c] * m.inverse, m.q) + m.q;
			to[u64(2 * e + c) * rows * n] = reduce_once(x, m.q);
		}
	}
}
EXPORT(inner_product64)

// Quotients by a number whose inverses are given: out[p][c][keep][N] = (a − b)·inverse + addend. Polynomial c of pair
// p is at a + (2p + c)·stride; its remainder is b[2p + c][keep][N]; the addend of c < addends at
// addend + p·addend_stride + c·keep·N. `pairs` is the number of c, 1 or 2.
//
// Grid (N/256, keep, polynomials). Reads 16 or 24 and writes 8 bytes a thread, one product.
KERNEL(256, 4) quotient64(u64* out, const u64* a, u64 stride, const u64* b, const Factor64* inverses, const Modulus64* moduli,
	const u64* addend, u64 addend_stride, u32 addends, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x, row = blockIdx.y, keep = gridDim.y, component = blockIdx.z % 2;
	const u64 q = moduli[row].q, word = u64(row) * n + at, place = u64(blockIdx.z) * keep * n + word;
	u64 x = mul(a[blockIdx.z * stride + word] + q - b[place], inverses[row], q);
	if (component < addends) x = add(x, addend[blockIdx.z / 2 * addend_stride + u64(component) * keep * n + word], q);
	out[place] = x;
}
EXPORT(quotient64)
