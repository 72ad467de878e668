// Key-switching of polynomials of 64-bit words, with digits of several primes, as Lattigo
// v5.0.7 (core/rlwe, ring) does it to the residue. N words a row. A ring's last `special` primes
// are P, those before are Q, and its first `keep` primes are those of the polynomials.
//
// Digits and divisions by P lift numbers x < S, S = s_0·s_1·…, from their residues x_j to other
// primes t: with y_j = x_j·(s_j/S) mod s_j,
//
//	x = Σ y_j·(S/s_j) − v·S,  v = floor(Σ y_j/s_j),
//
// where the sum of v is one of doubles, rounded to nearest at every step, in the order of j. Within
// some 2^-50 of a whole number v is one off, and x is lifted to x ± S; Lattigo does the same sum,
// and equality needs the same error. All else is exact in both.
#include "word.cuh"

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

// A digit of polynomials of `keep` primes: primes first … first + count − 1, and where the rows of
// its lift begin, one for each of the other primes of Q and then of P. All digits but the last
// have `special` primes, hence `keep` rows.
struct Digit {
	u32 first, count, begin;

	__device__ Digit(u32 digit, u32 keep, u32 special) : first(digit * special), begin(digit * keep) {
		count = keep - first < special ? keep - first : special;
	}
	// Is prime t its own, and which row is it if not?
	__device__ bool owns(u32 t) const { return t - first < count; }
	__device__ u32 row(u32 t) const { return begin + (t < first ? t : t - count); }
};

// The number in the ring of prime t of `keep` primes of Q and those of P.
DEVICE u32 prime_number(u32 t, u32 keep, u32 special, u32 total) { return t < keep ? t : total - special + t - keep; }

// Digits of polynomials in coefficients, polys[p][keep][N], lifted to the primes that are not their
// own: lifted[p][rows][N]. bases[digit][primes of it − 1] of basis_size Factors.
//
// Grid (N/256, digits, polynomials). A thread reads 8 bytes for each of the s primes of the digit
// and writes 8 for each target, with s products and s divisions of doubles, and s + 1 products a
// target.
KERNEL(256, 2) lift_digits64(u64* lifted, const u64* polys, const Factor64* bases, u64 basis_size, u32 keep, u32 special, u32 total,
	u32 rows, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x;
	const Digit digit(blockIdx.y, keep, special);
	const Basis basis = {bases + (digit.first + digit.count - 1) * basis_size, special};
	const Residues x(polys + (u64(blockIdx.z) * keep + digit.first) * n + at, n, basis, digit.count, true);
	u64* to = lifted + (u64(blockIdx.z) * rows + digit.begin) * n + at;
	for (u32 t = 0; t < keep + special; t++) {
		if (digit.owns(t)) continue;
		*to = x.modulo(basis, prime_number(t, keep, special, total), digit.count);
		to += n;
	}
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

// Products of lifted digits, transformed, with a key [digit][component][prime][N] in Montgomery form:
// sums[p][component][keep][N] and rest[p][component][special][N] of Σ_i digit_i·key_i.
//
// Modulo their own primes digits are the polynomials, at polys + p·stride. Sums of 63 products
// stay below 2^128, and their one reduction takes the key's 2^64 out.
//
// Grid (N/256, keep + special, polynomials/2): a thread has one word of two polynomials, which share
// what is read of the key. Reads 32·digits and writes 32 bytes, with 4·digits products of 128 bits.
KERNEL(256, 3) inner_product64(u64* sums, u64* rest, const u64* lifted, const u64* polys, u64 stride, const u64* key,
	const Prime64* primes, u32 keep, u32 special, u32 total, u32 rows, u32 digits, u32 count, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x, t = blockIdx.y, p = 2 * blockIdx.z, pair = p + 1 < count ? 2 : 1;
	const u32 prime = prime_number(t, keep, special, total);
	const Prime64 m = primes[prime];
	const u64* factors = key + u64(prime) * n + at;
	Sum128 products[2][2];
	for (u32 i = 0; i < digits; i++) {
		const Digit digit(i, keep, special);
		const bool own = digit.owns(t);
		const u64* from = own ? polys + p * stride + u64(t) * n + at : lifted + (u64(p) * rows + digit.row(t)) * n + at;
		const u64 next = own ? stride : u64(rows) * n;
		const u64 f[2] = {factors[u64(2 * i) * total * n], factors[u64(2 * i + 1) * total * n]};
#pragma unroll
		for (u32 e = 0; e < 2; e++) {
			if (e == pair) break;
			const u64 x = from[e * next];
#pragma unroll
			for (u32 c = 0; c < 2; c++) products[e][c].add(x, f[c]);
		}
	}
	const u32 parts = t < keep ? keep : special;
	u64* to = (t < keep ? sums + u64(t) * n : rest + u64(t - keep) * n) + u64(2 * p) * parts * n + at;
#pragma unroll
	for (u32 e = 0; e < 2; e++) {
		if (e == pair) break;
#pragma unroll
		for (u32 c = 0; c < 2; c++) to[u64(2 * e + c) * parts * n] = montgomery(products[e][c], m);
	}
}
EXPORT(inner_product64)

// Quotients by a number with these inverses: out[p][keep][N] = (a − b)·inverse, where a is at
// a + p·stride and b[p][keep][N]. Of every two polynomials the first `addends` have a summand,
// polynomials of keep·N words at addend + p/2·addend_stride.
//
// Grid (N/256, keep, polynomials). Reads 16 or 24 and writes 8 bytes a thread, one product.
KERNEL(256, 4) quotient64(u64* out, const u64* a, u64 stride, const u64* b, const Factor64* inverses, const Prime64* primes,
	const u64* addend, u64 addend_stride, u32 addends, u32 n) {
	const u32 at = blockIdx.x * 256 + threadIdx.x, row = blockIdx.y, keep = gridDim.y, component = blockIdx.z % 2;
	const u64 q = primes[row].q, word = u64(row) * n + at, place = u64(blockIdx.z) * keep * n + word;
	u64 x = mul(a[blockIdx.z * stride + word] + q - b[place], inverses[row], q);
	if (component < addends) x = add(x, addend[blockIdx.z / 2 * addend_stride + u64(component) * keep * n + word], q);
	out[place] = x;
}
EXPORT(quotient64)
