#include "fibre.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/mman.h>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#ifndef __x86_64__
#error "the context switch is written for x86-64"
#endif

// Saves what the System V ABI wants kept, swaps stacks, and returns on the other one (by
// a jump: the processor would predict a return to where this was called).
asm(R"(
	.text
	.p2align 4
	.hidden genoveil_switch
	.globl genoveil_switch
	.type genoveil_switch, @function
genoveil_switch:
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	pop %rcx
	jmp *%rcx
	.size genoveil_switch, .-genoveil_switch
)");

extern "C" __attribute__((visibility("hidden"))) void genoveil_switch(void** from, void* to);

namespace host {

static constexpr std::size_t page = 4096;
#ifdef __SANITIZE_ADDRESS__
static constexpr std::size_t stack_size = 256 << 10;
#else
static constexpr std::size_t stack_size = 64 << 10;
#endif

static std::vector<char*> stacks;

static char* stack(int i) {
	while (int(stacks.size()) <= i) {
		void* p = mmap(nullptr, page + stack_size, PROT_READ | PROT_WRITE,
		               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (p == MAP_FAILED || mprotect(p, page, PROT_NONE) != 0) {
			std::perror("no memory for a thread's stack");
			std::abort();
		}
		stacks.push_back(static_cast<char*>(p));
	}
	return stacks[i] + page;
}

int guard_of(const void* address) {
	for (std::size_t i = 0; i < stacks.size(); i++) {
		const char* p = static_cast<const char*>(address);
		if (stacks[i] <= p && p < stacks[i] + page) return int(i);
	}
	return -1;
}

void make_context(Context* c, int i, void (*entry)()) {
	c->bottom = stack(i);
	c->size = stack_size;
	// Tops of stacks are staggered, or all would share few lines of the cache.
	char* top = stack(i) + stack_size - i % 32 * 128;
	void** sp = reinterpret_cast<void**>(top) - 8;
	sp[6] = reinterpret_cast<void*>(entry); // where the switch returns to
	sp[7] = nullptr;
	for (int r = 0; r < 6; r++) sp[r] = nullptr;
	c->stack_pointer = sp;
}

void finish_switch(Context* from, Context* to) {
#ifdef __SANITIZE_ADDRESS__
	// The context that was left may be the system's own stack, known only now.
	__sanitizer_finish_switch_fiber(to->shadow, &from->bottom, &from->size);
#else
	(void)from, (void)to;
#endif
}

void switch_context(Context* from, Context* to) {
#ifdef __SANITIZE_ADDRESS__
	__sanitizer_start_switch_fiber(&from->shadow, to->bottom, to->size);
#endif
	genoveil_switch(&from->stack_pointer, to->stack_pointer);
	finish_switch(to, from);
}

} // namespace host
