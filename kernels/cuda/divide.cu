// Division of polynomials by some of their primes (he/cpu/divide.go). The inverse transforms
// of ntt.cu give the rows of the removed primes in coefficients, rest[i][words].
#include "ntt.cuh"

// What the divisions by removed primes j < i have left of row i: rest_i = (rest_i − rest_j)/p_j in
// turn, with factors[j] = 1/p_j. numbers are those of the removed primes.
//
// Grid: 4 words a thread. Reads 4·(i + 1) and writes 4 bytes a word, with 2·i multiplications.
KERNEL(256, 4) divide_rest(u32* rest, u64 words, u32 i, const Factor* factors, const Prime* primes, const u32* numbers) {
	const u64 at = u64(blockIdx.x) * 256 + threadIdx.x;
	const Prime p = primes[numbers[i]];
	uint4* to = reinterpret_cast<uint4*>(rest + i * words) + at;
	uint4 x = *to;
	for (u32 j = 0; j < i; j++) {
		const LiftTo lift(primes[numbers[j]].q, p.q, false);
		const uint4 y = reinterpret_cast<const uint4*>(rest + j * words)[at];
		const Factor f = factors[j];
		// The difference is above 0 and below 3q.
		auto divided = [&](u32 a, u32 b) { return mul(a + 2 * p.q - mul_lazy(lift(b), one(p), p.q), f, p.q); };
		x = make_uint4(divided(x.x, y.x), divided(x.y, y.y), divided(x.z, y.z), divided(x.w, y.w));
	}
	*to = x;
}
EXPORT(divide_rest)

// Where quotients go, and what is divided.
struct Quotients {
	u32* dst;
	const u32* polys;
	u64 stride;
	const u32* rest;        // [removed][count][N]
	const Factor* factors;  // [row][removed + 1]: the removed primes, 1/their product
	const Prime* primes;
	const u32* numbers;  // of the primes of rows, then of the removed ones
	u32 keep, removed, count;
	u64 pair, component, row, tile;
};

// Loads 32 words, `width` apart, of the remainder e_0 + p_0·(e_1 + p_1·(e_2 + …)) modulo q, below
// 4q.
DEVICE void load_remainder(u32* x, const Quotients& a, const Prime& p, u32 row, const u32* column, u64 words, u32 width) {
	const u32* numbers = a.numbers + a.keep;
	const Factor* factors = a.factors + row * (a.removed + 1);
	repeat<PER_THREAD>([&](auto e) { x[e.value] = 0; });
	for (u32 i = a.removed; i-- > 0;) {
		const LiftTo lift(a.primes[numbers[i]].q, p.q, false);
		const u32* from = column + i * words;
		const Factor f = factors[i];
		if (i + 1 < a.removed) repeat<PER_THREAD>([&](auto e) { x[e.value] = mul_lazy(x[e.value], f, p.q); });
		if (lift.simple) {
			repeat<PER_THREAD>([&](auto e) { x[e.value] += lift(from[e.value * width]); });
		} else {
			repeat<PER_THREAD>([&](auto e) { x[e.value] += mul_lazy(lift(from[e.value * width]), one(p), p.q); });
		}
	}
}

// Stores of transformed remainders: the quotients, (a − remainder)/product.
struct StoreQuotient {
	const u32* from;
	u32* to;
	u64 tile;
	Factor inverse;
	u32 q;

	__device__ StoreQuotient(const Quotients& a, u32 polynomial, u32 row, u32 log_n, u32 q) : tile(a.tile), q(q) {
		from = a.polys + polynomial * a.stride + (u64(row) << log_n);
		to = a.dst + polynomial / 2 * a.pair + polynomial % 2 * a.component + row * a.row;
		inverse = a.factors[row * (a.removed + 1) + a.removed];
	}
	__device__ void operator()(u32 i, uint4 r) const {
		const uint4 a = *reinterpret_cast<const uint4*>(from + i);
		*reinterpret_cast<uint4*>(to + i / 64 * tile + i % 64) = make_uint4(mul(a.x + q - r.x, inverse, q),
			mul(a.y + q - r.y, inverse, q), mul(a.z + q - r.z, inverse, q), mul(a.w + q - r.w, inverse, q));
	}
};

// Quotients modulo every prime that remains.
//
// Grid: a block for each row, row % keep of polynomial row / keep. Reads 4·(removed + 1) and
// writes 4 bytes a word; arithmetic of forward_LOG and removed + 1 multiplications a word.
template <int LOG> DEVICE void divide(const Quotients& a) {
	DYNAMIC_SHARED(u32, shared);
	const u32 row = blockIdx.x % a.keep, polynomial = blockIdx.x / a.keep;
	const Prime p = a.primes[a.numbers[row]];
	const StoreQuotient store(a, polynomial, row, LOG, p.q);
	forward_transform<LOG, 4>(shared, p, 1,
		[&](u32 begin, u32* x) {
			load_remainder(x, a, p, row, a.rest + (u64(polynomial) << LOG) + begin, u64(a.count) << LOG, 1u << (LOG - FIRST_STAGES));
		},
		store);
}

#define QUOTIENTS                                                                        \
	u32 *dst, const u32 *polys, u64 stride, u32 *rest, const Factor *factors, const Prime *primes, const u32 *numbers, u32 keep, \
		u32 removed, u32 count, u64 pair, u64 component, u64 row, u64 tile
#define TAKE_QUOTIENTS                                                                   \
	const Quotients a = {dst, polys, stride, rest, factors, primes, numbers, keep, removed, count, pair, component, row, tile}

#define DIVIDE(log, blocks)                                                              \
	KERNEL((1 << log) / PER_THREAD, blocks) divide_##log(QUOTIENTS) {                    \
		TAKE_QUOTIENTS;                                                                  \
		divide<log>(a);                                                                  \
	}                                                                                    \
	EXPORT(divide_##log)

DIVIDE(10, 16)
DIVIDE(11, 10)
DIVIDE(12, 6)
DIVIDE(13, 3)
DIVIDE(14, 1)

// The same for N = 2^15 in two passes, with the columns of remainders in rest[removed·count +
// row][N] in between. Grids (N/4096, rows) and 32 blocks a row.
KERNEL(128, 3) divide_columns(QUOTIENTS) {
	TAKE_QUOTIENTS;
	constexpr u32 log_n = 15, width = 1u << (log_n - LOG_COLUMNS);
	const u32 number = blockIdx.y % keep, polynomial = blockIdx.y / keep, place = blockIdx.x * 128 + threadIdx.x;
	const Prime p = primes[a.numbers[number]];
	u32 x[PER_THREAD];
	load_remainder(x, a, p, number, rest + (u64(polynomial) << log_n) + place, u64(count) << log_n, width);
	forward_stages<LOG_COLUMNS, 4>(x, p.forward, 1, p);
	constexpr int bound = forward_bounds(4, LOG_COLUMNS);
	u32* to = rest + (u64(removed * count + blockIdx.y) << log_n) + place;
	repeat<PER_THREAD>([&](auto e) { to[e.value * width] = reduce_to<bound, 1>(x[e.value], p); });
}
EXPORT(divide_columns)

DEVICE void divide_rows(const Quotients& a) {
	DYNAMIC_SHARED(u32, shared);
	const u32 part = blockIdx.x % 32, line = blockIdx.x / 32;
	const u32 number = line % a.keep, polynomial = line / a.keep;
	const Prime p = a.primes[a.numbers[number]];
	const StoreQuotient store(a, polynomial, number, 15, p.q);
	const u32* from = a.rest + (u64(a.removed * a.count) << 15) + (u64(blockIdx.x) << 10);
	forward_transform<10, 1>(shared, p, 32 + part,
		[&](u32 begin, u32* x) {
			repeat<PER_THREAD>([&](auto e) { x[e.value] = from[begin + (e.value << (10 - FIRST_STAGES))]; });
		},
		[&](u32 i, uint4 r) { store(part * 1024 + i, r); });
}

KERNEL((1 << 10) / PER_THREAD, 16) divide_rows_10(QUOTIENTS) {
	TAKE_QUOTIENTS;
	divide_rows(a);
}
EXPORT(divide_rows_10)
