// The test driver: a libcuda.so.1 whose devices are this machine's memory and whose
// kernels are the .cu files compiled by g++. Asynchronous work waits in the queues of
// its streams until something synchronises with it, so that it sees what a program
// changed or freed too early. Environment:
//
//	GENOVEIL_TESTDRIVER_DEVICES=2      devices (default 1; with 0, cuInit finds none)
//	GENOVEIL_TESTDRIVER_MEMORY=1048576 bytes of a device (default 4 GiB)
//	GENOVEIL_TESTDRIVER_ORDER=17       a seed: blocks run in random order, so do the
//	                                   threads of a block between barriers, and streams
//	                                   take turns at random
//	GENOVEIL_TESTDRIVER_FAIL=alloc:3   faults, separated by commas:
//	    alloc:3    the third allocation finds no memory
//	    host:1     the first allocation of page-locked memory finds none
//	    launch:7   the seventh launch is refused
//	    fault:7    the seventh launch ends in an illegal address: calls that come after
//	               it has run fail
//	    lost:20    every call after the twentieth launch fails
//	    lost:20:device=1   counts, and concerns, only that device
//
// The first and third are read by cuInit; memory and faults also whenever a primary
// context is made, when counts begin anew.
#include "driver.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

#include "memory.h"

namespace driver {

Settings settings;

namespace {
struct Fault {
	std::string kind;
	long at, count = 0;
	int device = -1;
};
std::vector<Fault> faults;
} // namespace

static const char* setting(const char* name) {
	const char* value = std::getenv((std::string("GENOVEIL_TESTDRIVER_") + name).c_str());
	return value && *value ? value : nullptr;
}

static std::uint64_t number(const char* name, const char* text, char end = 0) {
	char* rest;
	std::uint64_t n = std::strtoull(text, &rest, 10);
	if (rest == text || (*rest && *rest != end)) die("GENOVEIL_TESTDRIVER_%s=%s: not a number", name, text);
	return n;
}

void read_settings() {
	if (const char* s = setting("DEVICES")) settings.devices = int(number("DEVICES", s));
	if (const char* s = setting("ORDER")) {
		settings.random = true;
		settings.seed = number("ORDER", s);
		host::set_order(settings.seed);
		host::poison ^= settings.seed & 0x5a; // never 0
	}
}

void read_faults() {
	settings.memory = std::size_t(4) << 30;
	if (const char* s = setting("MEMORY")) settings.memory = number("MEMORY", s);
	faults.clear();
	const char* s = setting("FAIL");
	std::string list = s ? s : "";
	while (!list.empty()) {
		std::string one = list.substr(0, list.find(','));
		list.erase(0, one.size() + 1);
		std::size_t colon = one.find(':'), device = one.find(":device=");
		Fault f{one.substr(0, colon), 0};
		if (colon == std::string::npos ||
		    !std::set<std::string>{"alloc", "host", "launch", "fault", "lost"}.count(f.kind))
			die("GENOVEIL_TESTDRIVER_FAIL=%s: no such fault", one.c_str());
		f.at = long(number("FAIL", one.c_str() + colon + 1, ':'));
		if (device != std::string::npos) f.device = int(number("FAIL", one.c_str() + device + 8));
		faults.push_back(f);
	}
}

bool fails(const char* kind, int device) {
	bool now = false;
	for (Fault& f : faults) {
		if (f.device >= 0 && f.device != device) continue;
		if (f.kind == kind && ++f.count == f.at) now = true;
		if (f.kind == "lost" && std::string("launch") == kind) f.count++;
	}
	return now;
}

bool lost(int device) {
	for (const Fault& f : faults)
		if (f.kind == "lost" && f.count >= f.at && (f.device < 0 || f.device == device)) return true;
	return false;
}

CUresult refuse(const char* function, CUresult error, const char* format, ...) {
	std::fprintf(stderr, "testdriver: %s: ", function);
	va_list arguments;
	va_start(arguments, format);
	std::vfprintf(stderr, format, arguments);
	va_end(arguments);
	std::fputc('\n', stderr);
	return error;
}

void die(const char* format, ...) {
	std::fputs("testdriver: ", stderr);
	va_list arguments;
	va_start(arguments, format);
	std::vfprintf(stderr, format, arguments);
	va_end(arguments);
	std::fputc('\n', stderr);
	std::abort();
}

} // namespace driver
