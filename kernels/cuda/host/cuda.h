// CUDA for g++: what the .cu files need of it, on the fibres of block.h. A block's
// threads run one after another on one processor and change places only at barriers
// and warp-wide operations, so atomics are plain and fences nothing.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>

#include "block.h"
#include "registry.h"
#include "vectors.h"

// Free functions are DEVICE, so that two files may use one name; methods __device__.
#define __global__
#define __host__
#define __device__ inline
#define __constant__ static
#define __forceinline__ __attribute__((always_inline))
#define __launch_bounds__(...)
#define __noinline__ __attribute__((noinline))
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__

// Static shared memory lies in a section of its own for every .cu file (the Makefile
// names it), which is poisoned before each block.
#ifndef GENOVEIL_MODULE
#define GENOVEIL_MODULE unnamed
#endif
#define GENOVEIL_TEXT2(x) #x
#define GENOVEIL_TEXT(x) GENOVEIL_TEXT2(x)
#define GENOVEIL_JOIN2(a, b) a##b
#define GENOVEIL_JOIN(a, b) GENOVEIL_JOIN2(a, b)
#define __shared__ static __attribute__((section("genoveil_shared_" GENOVEIL_TEXT(GENOVEIL_MODULE))))

extern "C" {
extern char GENOVEIL_JOIN(__start_genoveil_shared_, GENOVEIL_MODULE)[]
	__attribute__((weak, visibility("hidden")));
extern char GENOVEIL_JOIN(__stop_genoveil_shared_, GENOVEIL_MODULE)[]
	__attribute__((weak, visibility("hidden")));
}

#define DEVICE static inline __attribute__((always_inline))
#define DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(host::dynamic_shared)

// A kernel notes its bound for the EXPORT that follows it.
#define KERNEL(threads, blocks)                                                          \
	static const host::Bound GENOVEIL_JOIN(genoveil_bound_, __COUNTER__)(threads);         \
	extern "C" __attribute__((visibility("hidden"))) void
#define EXPORT(name)                                                                     \
	static const host::Registration genoveil_registration_##name(                         \
		#name, name, GENOVEIL_JOIN(__start_genoveil_shared_, GENOVEIL_MODULE),            \
		GENOVEIL_JOIN(__stop_genoveil_shared_, GENOVEIL_MODULE));

using host::blockDim;
using host::blockIdx;
using host::gridDim;
using host::threadIdx;
constexpr int warpSize = 32;

#define GENOVEIL_HERE __FILE__ ":" GENOVEIL_TEXT(__LINE__)
#define __syncthreads() host::barrier(GENOVEIL_HERE)
#define __syncthreads_or(x) (host::barrier_count(GENOVEIL_HERE, (x) != 0) > 0)
#define __syncthreads_count(x) host::barrier_count(GENOVEIL_HERE, (x) != 0)
#define __syncwarp(...) host::warp_barrier(GENOVEIL_HERE __VA_OPT__(, ) __VA_ARGS__)
#define __shfl_sync(mask, x, ...) host::shuffle(GENOVEIL_HERE, mask, x, host::Index{}, __VA_ARGS__)
#define __shfl_xor_sync(mask, x, ...) host::shuffle(GENOVEIL_HERE, mask, x, host::Xor{}, __VA_ARGS__)
#define __shfl_up_sync(mask, x, ...) host::shuffle(GENOVEIL_HERE, mask, x, host::Up{}, __VA_ARGS__)
#define __shfl_down_sync(mask, x, ...) host::shuffle(GENOVEIL_HERE, mask, x, host::Down{}, __VA_ARGS__)
#define __ballot_sync(mask, x) host::ballot(GENOVEIL_HERE, mask, (x) != 0)
#define __any_sync(mask, x) (host::ballot(GENOVEIL_HERE, mask, (x) != 0) != 0)
#define __all_sync(mask, x) (host::ballot(GENOVEIL_HERE, mask, (x) == 0) == 0)
#define __activemask() host::warp_mask()

#include "intrinsics.h"
