// Key-switching: digits lifted to all primes, and their products with keys.
#include "ntt.cuh"

// lifted[p][target][digit][N], transformed, of digits[p][digit][N] in coefficients. Targets are
// the primes of the digits and the special one; modulo its own prime a digit is
// row `digit` of polynomial p, at polys + p·stride, as it stands.
//
// Grid: a block for every row of lifted. Reads and writes 4 bytes a word; arithmetic
// of forward_LOG and three instructions a word.
struct LiftRow {
	u32 digit, prime;
	u64 polynomial;
	bool own;

	__device__ LiftRow(u32 row, u32 digits, u32 special) {
		digit = row % digits;
		const u32 target = row / digits % (digits + 1);
		prime = target == digits ? special : target;
		polynomial = row / digits / (digits + 1);
		own = target == digit;
	}
};

// Loads 32 words of a column, begin and width apart, lifted to below 2q.
DEVICE void load_lifted(u32* x, const u32* column, u32 width, u32 from, const Prime& to) {
	const LiftTo lift(from, to.q, true);
	repeat<PER_THREAD>([&](auto e) { x[e.value] = lift(column[e.value * width]); });
	if (!lift.simple) repeat<PER_THREAD>([&](auto e) { x[e.value] = mul_lazy(x[e.value], one(to), to.q); });
}

template <int LOG>
DEVICE void lift_row(u32* lifted, const u32* digits, const u32* polys, u64 stride, const Prime* primes, u32 count, u32 special) {
	DYNAMIC_SHARED(u32, shared);
	constexpr u32 n = 1 << LOG;
	const LiftRow r(blockIdx.x, count, special);
	u32* to = lifted + u64(blockIdx.x) * n;
	if (r.own) {
		const uint4* from = reinterpret_cast<const uint4*>(polys + r.polynomial * stride + r.digit * n);
#pragma unroll
		for (u32 i = 0; i < PER_THREAD / 4; i++) {
			const u32 at = threadIdx.x + i * (n / PER_THREAD);
			reinterpret_cast<uint4*>(to)[at] = from[at];
		}
		return;
	}
	const Prime p = primes[r.prime];
	const u32 from = primes[r.digit].q;
	const u32* row = digits + (r.polynomial * count + r.digit) * n;
	forward_transform<LOG, 2>(shared, p, 1,
		[&](u32 begin, u32* x) { load_lifted(x, row + begin, n / PER_THREAD, from, p); },
		[&](u32 i, uint4 x) { *reinterpret_cast<uint4*>(to + i) = x; });
}

#define LIFT(log, blocks)                                                                \
	KERNEL((1 << log) / PER_THREAD, blocks)                                              \
	lift_##log(u32* lifted, const u32* digits, const u32* polys, u64 stride, const Prime* primes, u32 count, u32 special) { \
		lift_row<log>(lifted, digits, polys, stride, primes, count, special);            \
	}                                                                                    \
	EXPORT(lift_##log)

LIFT(10, 16)
LIFT(11, 10)
LIFT(12, 6)
LIFT(13, 3)
LIFT(14, 1)

// The same in larger rings, in two passes: columns of 32 words, then rows. Grid (N/4096,
// rows of lifted).
KERNEL(128, 3) lift_columns(u32* lifted, const u32* digits, const u32* polys, u64 stride, const Prime* primes, u32 count,
	u32 special, u32 log_n) {
	const LiftRow r(blockIdx.y, count, special);
	const u32 width = 1u << (log_n - LOG_COLUMNS), place = blockIdx.x * 128 + threadIdx.x;
	u32* to = lifted + (u64(blockIdx.y) << log_n) + place;
	u32 x[PER_THREAD];
	if (r.own) {
		const u32* from = polys + r.polynomial * stride + (u64(r.digit) << log_n) + place;
		repeat<PER_THREAD>([&](auto e) { to[e.value * width] = from[e.value * width]; });
		return;
	}
	const Prime p = primes[r.prime];
	load_lifted(x, digits + ((r.polynomial * count + r.digit) << log_n) + place, width, primes[r.digit].q, p);
	forward_stages<LOG_COLUMNS, 2>(x, p.forward, 1, p);
	constexpr int bound = forward_bounds(2, LOG_COLUMNS);
	repeat<PER_THREAD>([&](auto e) { to[e.value * width] = reduce_to<bound, 1>(x[e.value], p); });
}
EXPORT(lift_columns)

DEVICE void lift_rows(u32* lifted, const Prime* primes, u32 count, u32 special, u32 parts) {
	DYNAMIC_SHARED(u32, shared);
	const LiftRow r(blockIdx.x >> parts, count, special);
	if (r.own) return;
	const Prime p = primes[r.prime];
	u32* row = lifted + (u64(blockIdx.x) << 10);
	forward_transform<10, 1>(shared, p, (1u << parts) + (blockIdx.x & ((1u << parts) - 1)),
		[&](u32 begin, u32* x) {
			repeat<PER_THREAD>([&](auto e) { x[e.value] = row[begin + (e.value << (10 - FIRST_STAGES))]; });
		},
		[&](u32 i, uint4 x) { *reinterpret_cast<uint4*>(row + i) = x; });
}

KERNEL((1 << 10) / PER_THREAD, 16) lift_rows_10(u32* lifted, const Prime* primes, u32 count, u32 special, u32 parts) {
	lift_rows(lifted, primes, count, special, parts);
}
EXPORT(lift_rows_10)

// out[p][component][target][N] = Σ_i lifted[p][target][i]·key[component][target][i], the key
// in Montgomery form; up to 15 digits.
//
// Grid (N/512, targets, pairs of polynomials), 4 positions and 2 polynomials a thread, which share
// the key. For each digit 8 bytes of lifted (for two polynomials) and of the key are read
// a position, and 4 products made.
KERNEL(128, 6) inner_product(uint4* out, const uint4* lifted, const uint4* key, const Prime* primes, u32 n, u32 count, u32 digits,
	u32 special) {
	const u32 quads = n / 4, targets = gridDim.y, target = blockIdx.y, at = blockIdx.x * 128 + threadIdx.x;
	const Prime p = primes[target == digits ? special : target];
	const u32 first = 2 * blockIdx.z;
	const bool both = first + 1 < count;
	const uint4* a0 = lifted + (u64(first) * targets + target) * digits * quads + at;
	const uint4* a1 = both ? a0 + u64(targets) * digits * quads : a0;
	const uint4* k0 = key + u64(target) * digits * quads + at;
	const uint4* k1 = k0 + u64(targets) * digits * quads;
	u64 sums[2][2][4] = {};
#pragma unroll 2
	for (u32 i = 0; i < digits; i++) {
		const uint4 x[2] = {a0[u64(i) * quads], a1[u64(i) * quads]}, k[2] = {k0[u64(i) * quads], k1[u64(i) * quads]};
#pragma unroll
		for (int j = 0; j < 2; j++) {
#pragma unroll
			for (int c = 0; c < 2; c++) {
				sums[j][c][0] += u64(x[j].x) * k[c].x;
				sums[j][c][1] += u64(x[j].y) * k[c].y;
				sums[j][c][2] += u64(x[j].z) * k[c].z;
				sums[j][c][3] += u64(x[j].w) * k[c].w;
			}
		}
	}
#pragma unroll
	for (int j = 0; j < 2; j++) {
		if (j && !both) break;
#pragma unroll
		for (int c = 0; c < 2; c++) {
			const u64* s = sums[j][c];
			out[((u64(first + j) * 2 + c) * targets + target) * quads + at] =
				make_uint4(montgomery(s[0], p), montgomery(s[1], p), montgomery(s[2], p), montgomery(s[3], p));
		}
	}
}
EXPORT(inner_product)
