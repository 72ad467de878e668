// Kernels of the test driver's own tests: a right one, and others with one planted
// mistake each, that are right if the mistake does no harm. One block of 256 threads
// (one kernel has eight), 1024 bytes of dynamic shared memory:
// out[i] = in[255 − i] + the sum of in.
#include "kernel.cuh"

static constexpr int threads = 256;

KERNEL(threads, 1) planted_right(u32* out, const u32* in) {
	DYNAMIC_SHARED(u32, buffer);
	__shared__ u32 sums[threads / 32];
	u32 i = threadIdx.x, sum = in[i];
	buffer[i] = sum;
	for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(~0u, sum, d);
	if (i % 32 == 0) sums[i / 32] = sum;
	__syncthreads();
	sum = 0;
	for (int w = 0; w < threads / 32; w++) sum += sums[w];
	out[i] = buffer[threads - 1 - i] + sum;
}
EXPORT(planted_right)

DEVICE u32 sum_of(const u32* in) {
	u32 sum = 0;
	for (int i = 0; i < threads; i++) sum += in[i];
	return sum;
}

DEVICE u32 right(const u32* in) { return in[threads - 1 - threadIdx.x] + sum_of(in); }

// No barrier: the first threads read what the last have not written.
KERNEL(threads, 1) planted_missing_barrier(u32* out, const u32* in) {
	DYNAMIC_SHARED(u32, buffer);
	buffer[threadIdx.x] = in[threadIdx.x];
	out[threadIdx.x] = buffer[threads - 1 - threadIdx.x] + sum_of(in);
}
EXPORT(planted_missing_barrier)

// No barrier, and right if threads run in their order: each reads what the one before
// has written.
KERNEL(threads, 1) planted_hidden_barrier(u32* out, const u32* in) {
	DYNAMIC_SHARED(u32, buffer);
	u32 i = threadIdx.x;
	buffer[i] = in[threads - 1 - (i + 1) % threads] + sum_of(in);
	out[i] = i == 0 ? right(in) : buffer[i - 1];
}
EXPORT(planted_hidden_barrier)

// Right if the last block runs last.
KERNEL(threads, 1) planted_eight_blocks(u32* out, const u32* in) {
	out[threadIdx.x] = blockIdx.x == 7 ? right(in) : 0;
}
EXPORT(planted_eight_blocks)

KERNEL(threads, 1) planted_early_return(u32* out, const u32* in) {
	out[threadIdx.x] = right(in);
	if (threadIdx.x >= 100) return;
	__syncthreads();
}
EXPORT(planted_early_return)

KERNEL(threads, 1) planted_two_barriers(u32* out, const u32* in) {
	if (threadIdx.x < 100)
		__syncthreads();
	else
		__syncthreads();
	out[threadIdx.x] = right(in);
}
EXPORT(planted_two_barriers)

// Lanes that wait for others which never come.
KERNEL(threads, 1) planted_lost_lanes(u32* out, const u32* in) {
	u32 x = sum_of(in);
	if (threadIdx.x % 2 == 0) x = __shfl_sync(~0u, x, 0);
	__syncthreads();
	out[threadIdx.x] = in[threads - 1 - threadIdx.x] + x;
}
EXPORT(planted_lost_lanes)

KERNEL(threads, 1) planted_shared_overflow(u32* out, const u32* in) {
	DYNAMIC_SHARED(u32, buffer);
	buffer[threadIdx.x + 1] = in[threadIdx.x];
	out[threadIdx.x] = right(in);
}
EXPORT(planted_shared_overflow)

// Found by sanitizers only.
KERNEL(threads, 1) planted_static_overflow(u32* out, const u32* in) {
	__shared__ u32 buffer[threads];
	u32* behind = buffer + threads;
	asm("" : "+r"(behind)); // or the compiler warns
	if (threadIdx.x == 0) *behind = in[0];
	out[threadIdx.x] = right(in);
}
EXPORT(planted_static_overflow)

KERNEL(threads, 1) planted_unwritten_shared(u32* out, const u32* in) {
	__shared__ u32 sum;
	atomicAdd(&sum, in[threadIdx.x]);
	__syncthreads();
	out[threadIdx.x] = in[threads - 1 - threadIdx.x] + sum;
}
EXPORT(planted_unwritten_shared)

KERNEL(threads, 1) planted_overflow(u32* out, const u32* in) {
	out[threadIdx.x] = right(in);
	if (threadIdx.x == threads - 1) out[threads] = 0;
}
EXPORT(planted_overflow)

KERNEL(threads, 1) planted_overread(u32* out, const u32* in) {
	out[threadIdx.x] = right(in) + 0 * *(volatile const u32*)&in[threadIdx.x + 1];
}
EXPORT(planted_overread)

// Eight bytes at an address that is a multiple of four: slow on a processor, an error on
// a device. Found by sanitizers only.
KERNEL(threads, 1) planted_misaligned(u32* out, const u32* in) {
	u32 i = threads - 1 - threadIdx.x;
	u32 x = i == 0 ? in[0] : reinterpret_cast<const uint2*>(in + i - 1)->y;
	out[threadIdx.x] = x + sum_of(in);
}
EXPORT(planted_misaligned)

KERNEL(threads, 1) planted_deep_stack(u32* out, const u32* in) {
	volatile u32 local[1 << 17];
	for (int i = (1 << 17) - 1; i >= 0; i -= 512) local[i] = right(in);
	out[threadIdx.x] = local[511];
}
EXPORT(planted_deep_stack)

// Lanes that have ended are not waited for.
KERNEL(threads, 1) planted_ended_lanes(u32* out, const u32* in) {
	out[threadIdx.x] = right(in);
	if (threadIdx.x % 32 >= 20) return;
	u32 other = __shfl_down_sync(~0u, threadIdx.x, 4);
	if (threadIdx.x % 32 < 16 && other != threadIdx.x + 4) out[threadIdx.x] = 0;
	if (__ballot_sync(~0u, threadIdx.x % 2) != 0xaaaaau) out[threadIdx.x] = 1;
}
EXPORT(planted_ended_lanes)

// Writes to an address that the driver cannot know for one.
KERNEL(threads, 1) planted_address(u64 out) { reinterpret_cast<u32*>(out)[threadIdx.x] = 0; }
EXPORT(planted_address)
