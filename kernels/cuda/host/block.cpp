#include "block.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

#include "fibre.h"
#include "memory.h"

namespace host {

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;
void* dynamic_shared;

namespace {
enum State { ready, at_barrier, at_warp, ended };

struct Thread {
	Context context;
	State state = ended;
	const char* place = nullptr; // where it waits
	unsigned mask = 0;           // for which lanes
	bool vote = false;
	uint3 index;
	std::uint64_t slot = 0;
};
} // namespace

static std::vector<Thread> threads(1024); // in lanes' order
static Thread* current;
static Context scheduler;
static int block_size, votes;
static const char* kernel_name;
static void (*kernel_body)(void*);
static void* kernel_arguments;
static std::mt19937_64* random_order;

static void show(char* text, std::size_t size, const Thread& t) {
	std::snprintf(text, size, "kernel %s, block (%u, %u, %u), thread (%u, %u, %u)", kernel_name,
	              blockIdx.x, blockIdx.y, blockIdx.z, t.index.x, t.index.y, t.index.z);
}

bool describe_thread(char* text, std::size_t size) {
	if (current) show(text, size, *current);
	return current != nullptr;
}

[[noreturn]] static void fail(const Thread& t, const char* format, ...) {
	char where[256];
	show(where, sizeof where, t);
	std::fprintf(stderr, "%s: ", where);
	va_list arguments;
	va_start(arguments, format);
	std::vfprintf(stderr, format, arguments);
	va_end(arguments);
	std::fputc('\n', stderr);
	std::abort();
}

// A fibre lives as long as the process and runs one thread of every block.
static void fibre() {
	finish_switch(&scheduler, &current->context);
	for (;;) {
		kernel_body(kernel_arguments);
		current->state = ended;
		switch_context(&current->context, &scheduler);
	}
}

static void wait(State state, const char* place) {
	current->state = state;
	current->place = place;
	switch_context(&current->context, &scheduler);
}

void barrier(const char* place) { wait(at_barrier, place); }

int barrier_count(const char* place, bool vote) {
	current->vote = vote;
	wait(at_barrier, place);
	int count = votes;
	wait(at_barrier, place); // nobody votes again before all have read
	return count;
}

unsigned lane() { return unsigned(current - threads.data()) % 32; }

static Thread* warp() { return current - lane(); }

static unsigned warp_end(Thread* w) {
	return unsigned(std::min(32, block_size - int(w - threads.data())));
}

unsigned warp_mask() {
	Thread* w = warp();
	unsigned mask = 0;
	for (unsigned l = 0; l < warp_end(w); l++)
		if (w[l].state != ended) mask |= 1u << l;
	return mask;
}

// The last lane to come lets all of them go on, in the order of the scheduler.
void warp_barrier(const char* place, unsigned mask) {
	mask &= warp_mask();
	if (!(mask >> lane() & 1)) fail(*current, "%s: a lane outside its own mask", place);
	current->mask = mask;
	current->state = at_warp;
	current->place = place;
	Thread* w = warp();
	bool all = true;
	for (unsigned l = 0; l < 32; l++)
		if (mask >> l & 1 && (w[l].state != at_warp || w[l].place != place)) all = false;
	if (all)
		for (unsigned l = 0; l < 32; l++)
			if (mask >> l & 1) w[l].state = ready;
	switch_context(&current->context, &scheduler);
}

unsigned ballot(const char* place, unsigned mask, bool vote) {
	current->vote = vote;
	warp_barrier(place, mask);
	Thread* w = warp();
	unsigned all = 0;
	for (unsigned l = 0; l < warp_end(w); l++)
		if (mask >> l & 1 && w[l].state != ended && w[l].vote) all |= 1u << l;
	warp_barrier(place, mask);
	return all;
}

std::uint64_t* warp_slot(unsigned l) { return &warp()[l].slot; }

// Lets all go on who wait at the same barrier, or ends the process.
static void pass_barrier() {
	const Thread& first = threads[0];
	votes = 0;
	for (int i = 0; i < block_size; i++) {
		const Thread& t = threads[i];
		if (t.state == at_warp)
			fail(t, "waits at %s for lanes %08x of its warp, which do not all come", t.place, t.mask);
		if (t.state != first.state || t.place != first.place) {
			char other[256];
			show(other, sizeof other, t);
			fail(first, "%s%s, but %s %s%s: a divergent barrier",
			     first.state == ended ? "has ended" : "waits at ", first.state == ended ? "" : first.place,
			     other, t.state == ended ? "has ended" : "waits at ", t.state == ended ? "" : t.place);
		}
		votes += t.vote;
	}
	for (int i = 0; i < block_size; i++) threads[i].state = ready;
}

static void run_block() {
	static std::vector<int> order;
	order.resize(block_size);
	std::iota(order.begin(), order.end(), 0);
	for (int i = 0; i < block_size; i++) threads[i].state = ready;
	for (;;) {
		bool any = false;
		if (random_order) std::shuffle(order.begin(), order.end(), *random_order);
		for (int i : order) {
			if (threads[i].state != ready) continue;
			any = true;
			current = &threads[i];
			threadIdx = current->index;
			switch_context(&scheduler, &current->context);
		}
		current = nullptr;
		if (any) continue;
		if (std::all_of(&threads[0], &threads[block_size], [](Thread& t) { return t.state == ended; })) return;
		pass_barrier();
	}
}

static void number_threads(dim3 block) {
	int i = 0;
	for (unsigned z = 0; z < block.z; z++)
		for (unsigned y = 0; y < block.y; y++)
			for (unsigned x = 0; x < block.x; x++) {
				Thread& t = threads[i];
				t.index = {x, y, z};
				if (!t.context.stack_pointer) make_context(&t.context, i, fibre);
				i++;
			}
	block_size = i;
}

void run_grid(const char* kernel, const Shape& shape, void (*body)(void*), void* arguments) {
	kernel_name = kernel;
	kernel_body = body;
	kernel_arguments = arguments;
	gridDim = shape.grid;
	blockDim = shape.block;
	number_threads(shape.block);
	SharedMemory shared(shape);
	for (unsigned z = 0; z < shape.grid.z; z++)
		for (unsigned y = 0; y < shape.grid.y; y++)
			for (unsigned x = 0; x < shape.grid.x; x++) {
				blockIdx = {x, y, z};
				shared.poison_all();
				run_block();
				if (const char* wrong = shared.damage()) fail(threads[0], "%s", wrong);
			}
}

void set_order(std::uint64_t seed) {
	delete random_order;
	random_order = new std::mt19937_64(seed);
}

const char* refusal(const Shape& shape, int max_threads) {
	const dim3 &g = shape.grid, &b = shape.block;
	if (g.x == 0 || g.y == 0 || g.z == 0 || b.x == 0 || b.y == 0 || b.z == 0) return "an empty grid or block";
	if (g.x > 0x7fffffffu || g.y > 65535 || g.z > 65535) return "a grid above 2147483647 × 65535 × 65535 blocks";
	if (b.x > 1024 || b.y > 1024 || b.z > 64 || std::uint64_t(b.x) * b.y * b.z > 1024)
		return "a block above 1024 threads, or above 64 in z";
	if (b.x * b.y * b.z > unsigned(max_threads)) return "more threads in a block than __launch_bounds__ allows";
	if (shape.dynamic > max_shared) return "more shared memory than a block can have";
	return nullptr;
}

} // namespace host
