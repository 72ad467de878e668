// What every .cu file begins with, compiled by nvcc for devices or by g++ for hosts
// (host/cuda.h stands in for CUDA there). EXPORT follows a kernel at once: it keeps what
// the kernel takes, and makes it known by name to the test driver.
//
// All kernels are extern "C", take pointers and 32- or 64-bit integers by value, assume
// no warp size beyond the 32 lanes that __shfl_*_sync documents, and no block size but
// the one that KERNEL states.
#pragma once

#include "takes.cuh"

#ifdef GENOVEIL_HOST
#include "host/cuda.h"
#else
#define EXPORT(name) extern "C" { __device__ Takes<decltype(name)> name##_takes; }
#define DEVICE __device__ __forceinline__
// Dynamic shared memory, aligned for 16-byte accesses.
#define DYNAMIC_SHARED(type, name)                                                       \
	extern __shared__ __align__(16) unsigned char genoveil_shared[];                     \
	type* name = reinterpret_cast<type*>(genoveil_shared)
// A kernel with the threads of its blocks, and the blocks that should share a processor.
#define KERNEL(threads, blocks) extern "C" __global__ void __launch_bounds__(threads, blocks)
#endif

using u32 = std::uint32_t;
using u64 = std::uint64_t;
