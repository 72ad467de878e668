#include "block.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <vector>

#include "memory.h"
#include "threads.h"

namespace host {

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;
void* dynamic_shared;

std::vector<Thread> threads(1024);
Thread* current;
static thread_local bool running __attribute__((tls_model("initial-exec"))); // a grid, here
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
	if (!running || !current) return false;
	show(text, size, *current);
	return true;
}

void fail(const Thread& t, const char* format, ...) {
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

void yield() { switch_context(&current->context, &scheduler); }

// A fibre lives as long as the process and runs one thread of every block.
static void fibre() {
	finish_switch(&scheduler, &current->context);
	for (;;) {
		kernel_body(kernel_arguments);
		end_thread();
		yield();
	}
}

static void wait(State state, const char* place) {
	current->state = state;
	current->place = place;
	yield();
}

void barrier(const char* place) { wait(at_barrier, place); }

int barrier_count(const char* place, bool vote) {
	current->vote = vote;
	wait(at_barrier, place);
	int count = votes;
	wait(at_barrier, place); // nobody votes again before all have read
	return count;
}

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
	for (int i = 0; i < block_size; i++) {
		threads[i].state = ready;
		if (i % 32 == 0) warps[i / 32] = {};
		warps[i / 32].alive |= 1u << i % 32;
	}
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
	running = true;
	std::uint64_t blocks = std::uint64_t(gridDim.x) * gridDim.y * gridDim.z;
	std::vector<std::uint64_t> order; // empty: one after another
	if (random_order) {
		order.resize(blocks);
		std::iota(order.begin(), order.end(), 0);
		std::shuffle(order.begin(), order.end(), *random_order);
	}
	for (std::uint64_t i = 0; i < blocks; i++) {
		std::uint64_t b = order.empty() ? i : order[i];
		blockIdx = {unsigned(b % gridDim.x), unsigned(b / gridDim.x % gridDim.y), unsigned(b / gridDim.x / gridDim.y)};
		shared.poison_all();
		run_block();
		if (const char* wrong = shared.damage()) fail(threads[0], "%s", wrong);
	}
	running = false;
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
