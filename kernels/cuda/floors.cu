// What a card can do at most, to hold the other kernels against.
#include "kernel.cuh"

// floor_copy copies `vectors` vectors of 16 bytes: 32 bytes moved a vector. Any grid.
KERNEL(256, 4) floor_copy(uint4* dst, const uint4* src, u64 vectors) {
	u64 step = u64(gridDim.x) * 256;
	for (u64 i = u64(blockIdx.x) * 256 + threadIdx.x; i < vectors; i += step) dst[i] = src[i];
}
EXPORT(floor_copy)

const int chains = 16; // a thread keeps so many sums, that none waits for the one before

// floor_multiply does 16·rounds multiplications of 32 by 32 bits with a sum of 64 bits
// in each thread (IMAD.WIDE.U32), and one store of 8 bytes. Any grid; out holds a word
// of 64 bits a thread.
KERNEL(256, 4) floor_multiply(u64* out, u32 factor, u32 rounds) {
	u64 i = u64(blockIdx.x) * 256 + threadIdx.x;
	u64 sums[chains];
#pragma unroll
	for (int k = 0; k < chains; k++) sums[k] = i + k;
	for (u32 r = 0; r < rounds; r++) {
#pragma unroll
		for (int k = 0; k < chains; k++) sums[k] += u64(u32(sums[k])) * factor;
	}
	u64 all = 0;
#pragma unroll
	for (int k = 0; k < chains; k++) all ^= sums[k];
	out[i] = all;
}
EXPORT(floor_multiply)
