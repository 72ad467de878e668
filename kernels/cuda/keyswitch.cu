// Hybrid key-switching with one prime a digit (Han and Ki, CT-RSA 2020): the twin of
// he/cpu/keyswitch.go up to the division by P, which is divide.cu.
#include "lift.cuh"
#include "ntt.cuh"

// lifted[p][t][i][N]: digit i of polynomial p modulo target t, transformed. Targets are the
// primes of the digits, and then the prime `special`. digits are [p][i][N] in
// coefficients; where target and digit are one prime it is polys[p·stride + i·N] itself.
//
// Grid (digits, targets, polynomials), N/32 threads. Reads and writes 4 bytes a word.
#define DEFINE(LOG, THREADS, BLOCKS)                                                                       \
	KERNEL(THREADS, BLOCKS) lift_##LOG(u32* lifted, const u32* digits, const u32* polys, const Prime* primes, u64 stride, u32 special) { \
		DYNAMIC_SHARED(u32, shared);                                                                       \
		const u32 digit = blockIdx.x, count = gridDim.x, target = blockIdx.y;                              \
		u32* to = lifted + (((u64(blockIdx.z) * gridDim.y + target) * count + digit) << LOG);              \
		if (digit == target) {                                                                             \
			const u32* row = polys + blockIdx.z * stride + (u64(digit) << LOG);                            \
			for (u32 c = 0; c < 32; c++) to[threadIdx.x + c * THREADS] = row[threadIdx.x + c * THREADS];   \
			return;                                                                                        \
		}                                                                                                  \
		const Prime p = primes[target < count ? target : special];                                         \
		const Lifting lift = lifting(primes[digit].q, p.q, true);                                                    \
		const u32* from = digits + ((u64(blockIdx.z) * count + digit) << LOG);                             \
		forward_transform<LOG>(shared, p, [&](u32 i) { return lift_word(from[i], lift, p); }, [&](u32 i, u32 x) { to[i] = x; }); \
	}                                                                                                      \
	EXPORT(lift_##LOG)
FOR_EACH_DEGREE(DEFINE)
#undef DEFINE

// out[p][c][t][N] = Σ_i lifted[p][t][i][N]·key[c][t][i][N], keys in Montgomery form.
// Fifteen digits or fewer (montgomery).
//
// Grid (N/256, targets, polynomials), a position of both components a thread. Reads
// 4·digits bytes of each, and 8·digits of keys; 2·digits products.
KERNEL(256, 4) inner_product(u32* out, const u32* lifted, const u32* key, const Prime* primes, u32 digits, u32 special) {
	const u32 n = gridDim.x * 256, targets = gridDim.y, t = blockIdx.y, i = blockIdx.x * 256 + threadIdx.x;
	const Prime p = primes[t < targets - 1 ? t : special];
	u64 sum0 = 0, sum1 = 0;
	for (u32 d = 0; d < digits; d++) {
		const u32 x = lifted[((u64(blockIdx.z) * targets + t) * digits + d) * n + i];
		sum0 += u64(x) * key[(u64(t) * digits + d) * n + i];
		sum1 += u64(x) * key[(u64(targets + t) * digits + d) * n + i];
	}
	u32* to = out + (u64(blockIdx.z) * 2 * targets + t) * n + i;
	to[0] = montgomery(sum0, p);
	to[u64(targets) * n] = montgomery(sum1, p);
}
EXPORT(inner_product)

// dst[row][N] = a[row][N] + b[row][N], row r modulo prime first + r % count. Grid
// (N/256, rows).
KERNEL(256, 8) add_rows(u32* dst, const u32* a, const u32* b, const Prime* primes, u32 first, u32 count) {
	const u64 at = (u64(blockIdx.y) * gridDim.x + blockIdx.x) * 256 + threadIdx.x;
	dst[at] = add(a[at], b[at], primes[first + blockIdx.y % count].q);
}
EXPORT(add_rows)

// rows[stride·r + offset][N] times one factor modulo a prime. Grid (N/256, rows).
KERNEL(256, 8) scale_rows(u32* rows, const Prime* primes, u32 prime, u32 w, u32 shoup, u32 stride, u32 offset) {
	const u64 at = ((u64(blockIdx.y) * stride + offset) * gridDim.x + blockIdx.x) * 256 + threadIdx.x;
	rows[at] = mul(rows[at], Factor{w, shoup}, primes[prime].q);
}
EXPORT(scale_rows)
