// The seeded halves of chunks.
#include "uniform.cuh"

namespace {
struct Store {
	u32* dst;
	__device__ __forceinline__ void all(const u32 (&x)[16]) const {
#pragma unroll
		for (int i = 0; i < 4; i++)
			reinterpret_cast<uint4*>(dst)[i] = make_uint4(x[4 * i], x[4 * i + 1], x[4 * i + 2], x[4 * i + 3]);
	}
	__device__ __forceinline__ void one(int i, u32 x) const { dst[i] = x; }
};
}  // namespace

// dst[chunk][prime][tile][sample][64] of seeds[chunk][8]; ciphertext number = sample.
//
// Grid (blocks of 128 for N/16·samples threads, primes, chunks), one ChaCha20 block a
// thread. Writes 4 bytes a word and reads next to nothing.
KERNEL(128, 8) uniform(u32* dst, const u32* seeds, const Prime* primes, u32 n, u32 samples) {
	__shared__ Reserve reserve;
	u32 thread = blockIdx.x * 128 + threadIdx.x;
	if (thread >= n / 16 * samples) return;
	u32 prime = blockIdx.y, chunk = blockIdx.z;
	Place at(thread, samples);
	u64 row = u64(chunk) * gridDim.y + prime;
	Store sink{dst + row * n * samples + u64(thread) * 16};
	uniform_block(sink, reserve, load_key(seeds + 8 * chunk), primes[prime].q, at.sample, prime, at.coefficient / 16);
}
EXPORT(uniform)
