#include "registry.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

namespace host {

static int bound;

static std::map<std::string, Kernel>& kernels() {
	static std::map<std::string, Kernel> all;
	return all;
}

Bound::Bound(int threads) { bound = threads; }

void Registration::add(const char* name, char* shared_begin, char* shared_end, std::string takes,
                       std::function<std::function<void(const Shape&)>(void**)> bind) {
	if (bound == 0) fail_launch(name, "EXPORT does not follow its KERNEL");
	if (!kernels().insert({name, {name, bound, shared_begin, shared_end, takes, bind}}).second)
		fail_launch(name, "defined twice");
	bound = 0;
}

const Kernel* find_kernel(const char* name) {
	auto found = kernels().find(name);
	return found == kernels().end() ? nullptr : &found->second;
}

void fail_launch(const char* name, const char* why) {
	std::fprintf(stderr, "kernel %s: %s\n", name, why);
	std::abort();
}

} // namespace host
