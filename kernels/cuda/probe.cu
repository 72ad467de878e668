#include "kernel.cuh"

// Shows that a device runs kernels, and that arguments and shared memory arrive.
//
// out[b][i] = in[b][length−1−i]·factor + (sum mod 2^32) + (sum / 2^32), through 4·length
// bytes of dynamic shared memory. One block an array, up to 256 threads; 8·length bytes
// moved and length multiplications a block.
KERNEL(256, 1) probe(u32* out, const u32* in, u32 length, u32 factor, u64 sum) {
	DYNAMIC_SHARED(u32, words);
	out += u64(blockIdx.x) * length;
	in += u64(blockIdx.x) * length;
	for (u32 i = threadIdx.x; i < length; i += blockDim.x) words[i] = in[i];
	__syncthreads();
	for (u32 i = threadIdx.x; i < length; i += blockDim.x)
		out[i] = words[length - 1 - i] * factor + u32(sum) + u32(sum >> 32);
}
EXPORT(probe)
