#include "memory.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) (void(p), void(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) (void(p), void(n))
#endif

namespace host {

unsigned char poison = 0xa5;

void fill(void* p, unsigned char value, std::size_t size) {
	asm volatile("rep stosb" : "+D"(p), "+c"(size) : "a"(value) : "memory");
}

static constexpr std::size_t page = 4096, arena_size = 256 << 10, watched = 64;

static char* arena() {
	static char* p = [] {
		void* p = mmap(nullptr, arena_size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED || mprotect(static_cast<char*>(p) + arena_size, page, PROT_NONE) != 0) {
			std::perror("no memory for shared memory");
			std::abort();
		}
		return static_cast<char*>(p);
	}();
	return p;
}

bool behind_shared(const void* address) {
	const char* p = static_cast<const char*>(address);
	return arena() + arena_size <= p && p < arena() + arena_size + page;
}

SharedMemory::SharedMemory(const Shape& shape)
	: begin(arena() + arena_size - (shape.dynamic + 15) / 16 * 16), end(begin + shape.dynamic),
	  static_begin(shape.shared_begin), static_end(shape.shared_end) {
	dynamic_shared = begin;
	ASAN_POISON_MEMORY_REGION(arena(), arena_size);
	ASAN_UNPOISON_MEMORY_REGION(begin, shape.dynamic);
}

SharedMemory::~SharedMemory() { ASAN_UNPOISON_MEMORY_REGION(arena(), arena_size); }

void SharedMemory::poison_all() {
	if (static_begin) fill(static_begin, poison, static_end - static_begin);
	fill(begin - watched, poison, arena() + arena_size - begin + watched);
}

__attribute__((no_sanitize("address"))) const char* SharedMemory::damage() const {
	for (const char* p = begin - watched; p < begin; p++)
		if (static_cast<unsigned char>(*p) != poison) return "wrote in front of dynamic shared memory";
	for (const char* p = end; p < arena() + arena_size; p++)
		if (static_cast<unsigned char>(*p) != poison) return "wrote behind dynamic shared memory";
	return nullptr;
}

} // namespace host
