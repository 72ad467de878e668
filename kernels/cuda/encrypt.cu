// Encryption but for the transform in between: the twin of he/encrypt.go, with errors
// from another secret stream (kernels/cpu/sampling/binomial.go has the distribution).
//
// Everything takes the same time whatever the values, errors and the secret are: there
// is no branch and no address that depends on them.
#include "uniform.cuh"
#include "wide.cuh"

namespace {
const int coin_pairs = 21;  // of the centred binomial

// (2^31 + v)·scale − 2^31·scale + e mod q.
DEVICE u32 message(u32 v, u32 e, Factor scale, u32 surplus, u32 q) {
	return reduce_once(reduce_once(mul(v ^ 1u << 31, scale, q) + surplus + e, 2 * q), q);
}
}  // namespace

// messages[row][prime][N] = scale·values[row][N] + error, scales[prime], in coefficients.
// The errors of a row's coefficients 8b … 8b+7 come from the block with counter b and
// nonce (row, 0, 0) under the secret key[8], of which there must be one for each launch:
// of word 2i all bits and of word 2i+1 the low ten are the coins of coefficient 8b+i.
//
// Grid (N/1024, rows), 8 coefficients a thread: one ChaCha20 block, and four
// multiplications for every coefficient and prime. Reads 4 bytes a value and writes 4
// bytes a value and prime.
KERNEL(128, 4) encrypt_messages(u32* messages, const u32* values, const Factor* scales, const Prime* primes,
	u32 prime_count, const u32* key) {
	const u32 n = gridDim.x * 1024, block = blockIdx.x * 128 + threadIdx.x;
	const u64 row = blockIdx.y;
	u32 x[16];
	chacha_block(x, load_key(key), block, u32(row), 0, 0);
	const uint4* from = reinterpret_cast<const uint4*>(values + row * n + block * 8);
	const uint4 low = from[0], high = from[1];
	const u32 v[8] = {low.x, low.y, low.z, low.w, high.x, high.y, high.z, high.w};
	u32 e[8];
#pragma unroll
	for (int i = 0; i < 8; i++) e[i] = u32(__popc(x[2 * i]) + __popc(x[2 * i + 1] & 1023) - coin_pairs);
#pragma unroll 1
	for (u32 l = 0; l < prime_count; l++) {
		const u32 q = primes[l].q;
		const Factor scale = scales[l];
		const u32 surplus = 2 * q - mul(1u << 31, scale, q);  // in (q, 2q]
		u32 m[8];
#pragma unroll
		for (int i = 0; i < 8; i++) m[i] = message(v[i], e[i], scale, surplus, q);
		uint4* to = reinterpret_cast<uint4*>(messages + (row * prime_count + l) * n + block * 8);
		to[0] = make_uint4(m[0], m[1], m[2], m[3]);
		to[1] = make_uint4(m[4], m[5], m[6], m[7]);
	}
}
EXPORT(encrypt_messages)

namespace {
// c0 = message − c1·s, of 16 words. The secret is in Montgomery form.
struct Mask {
	u32* c0;
	const u32 *message, *secret;
	Prime p;
	__device__ __forceinline__ u32 word(u32 m, u32 c1, u32 s) const { return sub(m, montgomery(u64(c1) * s, p), p.q); }
	__device__ __forceinline__ void all(const u32 (&x)[16]) const {
#pragma unroll
		for (int i = 0; i < 4; i++) {
			const uint4 m = reinterpret_cast<const uint4*>(message)[i], s = reinterpret_cast<const uint4*>(secret)[i];
			reinterpret_cast<uint4*>(c0)[i] = make_uint4(word(m.x, x[4 * i], s.x), word(m.y, x[4 * i + 1], s.y),
				word(m.z, x[4 * i + 2], s.z), word(m.w, x[4 * i + 3], s.w));
		}
	}
	__device__ __forceinline__ void one(int i, u32 x) const { c0[i] = word(message[i], x, secret[i]); }
};
}  // namespace

// c0[chunk][prime][tile][sample][64] = message − c1·secret of transformed
// messages[chunk·samples + sample][prime][N], secret[prime][N] in Montgomery form, and c1
// from seeds[chunk][8] (uniform).
//
// Grid (blocks of 128 for N/16·samples threads, primes, chunks), 16 words a thread: one
// ChaCha20 block and 16 Montgomery products. Reads 8 bytes a word, half of them from a
// cache, and writes 4.
KERNEL(128, 6) encrypt_mask(u32* c0, const u32* messages, const u32* secret, const u32* seeds, const Prime* primes,
	u32 n, u32 samples) {
	__shared__ Reserve reserve;
	const u32 thread = blockIdx.x * 128 + threadIdx.x;
	if (thread >= n / 16 * samples) return;
	const u32 prime = blockIdx.y, chunk = blockIdx.z;
	const Place at(thread, samples);
	const u64 row = u64(chunk) * gridDim.y + prime;
	const u64 message = (u64(chunk) * samples + at.sample) * gridDim.y + prime;
	const Mask sink{c0 + row * n * samples + u64(thread) * 16, messages + message * n + at.coefficient,
		secret + u64(prime) * n + at.coefficient, primes[prime]};
	uniform_block(sink, reserve, load_key(seeds + 8 * chunk), sink.p.q, at.sample, prime, at.coefficient / 16);
}
EXPORT(encrypt_mask)
