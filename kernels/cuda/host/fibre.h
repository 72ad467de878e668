// Fibres: stacks that take turns on one thread of the operating system.
#pragma once

#include <cstddef>

#pragma GCC visibility push(hidden)

namespace host {

// A place to continue: a stack pointer, and what AddressSanitizer wants to know.
struct Context {
	void* stack_pointer = nullptr;
	void* shadow = nullptr;
	const void* bottom = nullptr;
	std::size_t size = 0;
};

// Makes a context that will call entry, which never returns, on stack number i. Stacks
// end at guard pages, and are kept.
void make_context(Context* c, int i, void (*entry)());

// Leaves from and continues to. finish_switch is the first thing to do in a new fibre.
void switch_context(Context* from, Context* to);
void finish_switch(Context* from, Context* to);

// The number of the stack whose guard page has this address, or −1.
int guard_of(const void* address);

} // namespace host

#pragma GCC visibility pop
