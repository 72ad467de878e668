// Says which thread of which kernel touched memory that is not there. Faults of anything
// else go to the handler that was there before.
#include "driver.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "fibre.h"
#include "memory.h"

namespace driver {

static struct sigaction before[2]; // SIGSEGV, SIGBUS

static void explain(const char* who, const char* p) {
	std::fprintf(stderr, "%s: touched %p, ", who, static_cast<const void*>(p));
	const Allocation* a = find_allocation(p);
	if (host::behind_shared(p))
		std::fputs("behind dynamic shared memory\n", stderr);
	else if (host::guard_of(p) >= 0)
		std::fputs("below the stack of a thread: too many variables\n", stderr);
	else if (!a)
		std::fputs("which is no memory of the device\n", stderr);
	else if (a->freed)
		std::fprintf(stderr, "in an allocation of %zu bytes that was freed\n", a->size);
	else if (p >= a->begin + a->size)
		std::fprintf(stderr, "%zu bytes behind an allocation of %zu bytes\n", std::size_t(p - a->begin - a->size), a->size);
	else
		std::fprintf(stderr, "memory of device %d\n", a->device);
}

static void handle(int signal, siginfo_t* info, void* context) {
	char who[256];
	if (host::describe_thread(who, sizeof who)) {
		explain(who, static_cast<const char*>(info->si_addr));
		std::abort();
	}
	const struct sigaction& old = before[signal == SIGBUS];
	if (old.sa_flags & SA_SIGINFO)
		old.sa_sigaction(signal, info, context);
	else if (old.sa_handler != SIG_DFL && old.sa_handler != SIG_IGN)
		old.sa_handler(signal);
	else {
		std::signal(signal, SIG_DFL);
		raise(signal);
	}
}

void install_fault_handler() {
	struct sigaction action = {};
	action.sa_sigaction = handle;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigfillset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &before[0]);
	sigaction(SIGBUS, &action, &before[1]);
}

} // namespace driver
