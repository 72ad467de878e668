// Division of polynomials by some of their primes in turn, rounding to nearest: the twin
// of he/cpu/divide.go.
#include "lift.cuh"
#include "ntt.cuh"

// What a division multiplies by, in device memory, written by divide.go.
//
//	removed[i] = numbers of the primes to divide by
//	factors    = [i][j]: the inverse of removed prime j modulo removed prime i > j,
//	             then [l][i]: removed prime i modulo kept prime l,
//	             then [l]: the inverse of their product
struct Division {
	const u32* removed;
	const Factor* factors;
	u32 count;
};

DEVICE Factor earlier(const Division& d, u32 i, u32 j) { return d.factors[i * d.count + j]; }
DEVICE Factor horner(const Division& d, u32 l, u32 i) { return d.factors[(d.count + l) * d.count + i]; }
DEVICE Factor inverse_of_product(const Division& d, u32 keep, u32 l) { return d.factors[(d.count + keep) * d.count + l]; }

// rest[i][p][N], in coefficients: the remainder modulo removed prime i of what the
// divisions before have left of row `row` of polynomial p, polys[p·stride + row·N]. Those
// of the primes before stand in rest.
//
// Grid: a block a polynomial, N/32 threads.
#define DEFINE(LOG, THREADS, BLOCKS)                                                                       \
	KERNEL(THREADS, BLOCKS) remainder_##LOG(u32* rest, const u32* polys, const Prime* primes, const u32* removed, \
		const Factor* factors, u64 stride, u32 row, u32 i, u32 count) {                                    \
		DYNAMIC_SHARED(u32, shared);                                                                       \
		const Division division{removed, factors, count};                                                  \
		const Prime p = primes[removed[i]];                                                                \
		const u32* from = polys + blockIdx.x * stride + (u64(row) << LOG);                                 \
		const u64 step = u64(gridDim.x) << LOG;                                                            \
		u32* own = rest + (u64(blockIdx.x) << LOG);                                                        \
		inverse_transform<LOG>(shared, p, [&](u32 k) { return from[k]; }, [&](u32 k, u32 x) {              \
			for (u32 j = 0; j < i; j++) {                                                                  \
				const Lifting lift = lifting(primes[removed[j]].q, p.q, false);                                      \
				x = mul(sub(x, lift_word(own[j * step + k], lift, p), p.q), earlier(division, i, j), p.q);             \
			}                                                                                              \
			own[i * step + k] = x;                                                                         \
		});                                                                                                \
	}                                                                                                      \
	EXPORT(remainder_##LOG)
FOR_EACH_DEGREE(DEFINE)
#undef DEFINE

// The quotients modulo the primes kept: (row − NTT(e_0 + p_0·(e_1 + …))) / ∏p_i. Word x of
// tile t of prime l of polynomial p goes to dst[(p/2)·pair + (p%2)·component + l·row_step +
// t·tile_step + x].
//
// Grid (kept primes, polynomials), N/32 threads.
#define DEFINE(LOG, THREADS, BLOCKS)                                                                       \
	KERNEL(THREADS, BLOCKS) divide_##LOG(u32* dst, const u32* polys, const u32* rest, const Prime* primes, const u32* removed, \
		const Factor* factors, u64 stride, u64 pair, u64 component, u64 row_step, u64 tile_step, u32 count) { \
		DYNAMIC_SHARED(u32, shared);                                                                       \
		const Division division{removed, factors, count};                                                  \
		const u32 l = blockIdx.x;                                                                          \
		const Prime p = primes[l];                                                                         \
		const u32* from = polys + blockIdx.y * stride + (u64(l) << LOG);                                   \
		const u32* own = rest + (u64(blockIdx.y) << LOG);                                                  \
		const u64 step = u64(gridDim.y) << LOG;                                                            \
		u32* to = dst + blockIdx.y / 2 * pair + blockIdx.y % 2 * component + l * row_step;                 \
		const Factor inverse = inverse_of_product(division, gridDim.x, l);                                             \
		/* A thread's own words: their place in shared memory saves 32 copies of this loop. */             \
		for (u32 c = 0; c < 32; c++) {                                                                     \
			const u32 k = threadIdx.x + c * THREADS;                                                       \
			u32 x = 0;                                                                                     \
			for (u32 i = count; i-- > 0;) {                                                                \
				const Lifting lift = lifting(primes[removed[i]].q, p.q, false);                                      \
				x = add(mul(x, horner(division, l, i), p.q), lift_word(own[i * step + k], lift, p), p.q);              \
			}                                                                                              \
			shared[place(k)] = x;                                                          \
		}                                                                                                  \
		auto load = [&](u32 k) { return shared[place(k)]; };                               \
		forward_transform<LOG>(shared, p, load, [&](u32 k, u32 x) {                                        \
			to[k / 64 * tile_step + k % 64] = mul(from[k] + p.q - x, inverse, p.q);                        \
		});                                                                                                \
	}                                                                                                      \
	EXPORT(divide_##LOG)
FOR_EACH_DEGREE(DEFINE)
#undef DEFINE
