// The threads of the block that runs, for the scheduler and the warps.
#pragma once

#include <vector>

#include "block.h"
#include "fibre.h"

#pragma GCC visibility push(hidden)

namespace host {

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

extern std::vector<Thread> threads; // in lanes' order
extern Thread* current;

struct Warp {
	unsigned alive, waiting; // bits of lanes
};
extern Warp warps[32];

// Lets the scheduler go on; returns when it has found the current thread ready.
void yield();

// The current thread has nothing more to do: nobody waits for it any more.
void end_thread();

// Ends the process with a message about a thread.
[[noreturn]] void fail(const Thread& t, const char* format, ...) __attribute__((format(printf, 2, 3)));

} // namespace host

#pragma GCC visibility pop
