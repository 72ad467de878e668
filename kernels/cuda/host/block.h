// One block of threads: each is a fibre (fibre.h), run in turn until it waits at a
// barrier or for its warp. Wrong programs end the process with a message that names
// kernel, block and thread.
#pragma once

#include <cstdint>
#include <cstring>

#include "vectors.h"

#pragma GCC visibility push(hidden)

namespace host {

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
extern void* dynamic_shared;

// Waits for all threads of the block, at one and the same place. The second form
// counts those that say true.
void barrier(const char* place);
int barrier_count(const char* place, bool vote);

// Waits for the lanes of the mask (of those that have not ended) at the same place.
void warp_barrier(const char* place, unsigned mask = ~0u);
unsigned warp_mask(); // lanes that have not ended
unsigned ballot(const char* place, unsigned mask, bool vote);

// Where a lane of the calling thread's warp leaves what others take.
std::uint64_t* warp_slot(unsigned lane);
unsigned lane();

struct Index { unsigned operator()(unsigned, unsigned i, unsigned width) const { return i % width; } };
struct Xor { unsigned operator()(unsigned l, unsigned i, unsigned) const { return l ^ i; } };
struct Up { unsigned operator()(unsigned l, unsigned i, unsigned) const { return l < i ? l : l - i; } };
struct Down {
	unsigned operator()(unsigned l, unsigned i, unsigned width) const { return l + i < width ? l + i : l; }
};

template <class T, class Source>
T shuffle(const char* place, unsigned mask, T x, Source source, unsigned i, unsigned width = 32) {
	static_assert(sizeof(T) <= 8, "a shuffle moves 8 bytes at most");
	unsigned self = lane(), from = source(self % width, i, width);
	if (from >= width) from = self % width;
	std::memcpy(warp_slot(self), &x, sizeof(T));
	warp_barrier(place, mask);
	std::memcpy(&x, warp_slot(self - self % width + from), sizeof(T));
	warp_barrier(place, mask);
	return x;
}

// How a grid is run.
struct Shape {
	dim3 grid, block;
	std::size_t dynamic = 0;                      // bytes of dynamic shared memory
	char *shared_begin = nullptr, *shared_end = nullptr; // static shared memory
};

// What CUDA would refuse about a launch of a kernel with this bound; null if nothing.
const char* refusal(const Shape& shape, int max_threads);

// Runs body once for every thread of every block. One launch at a time.
void run_grid(const char* kernel, const Shape& shape, void (*body)(void*), void* arguments);

// Shuffles blocks, and threads between barriers, from now on.
void set_order(std::uint64_t seed);

// Describes the thread that runs in the calling thread of the operating system; false
// where none does.
bool describe_thread(char* text, std::size_t size);

// The byte that memory holds that nobody has written.
extern unsigned char poison;

} // namespace host

#pragma GCC visibility pop
