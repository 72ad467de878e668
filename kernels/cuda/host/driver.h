// What the parts of the test driver share. Everything is done under one lock.
#pragma once

#include <cuda.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "registry.h"

#define API extern "C" __attribute__((visibility("default"))) CUresult

struct CUstream_st {
	CUcontext context;
	bool blocking = true; // waits for the null stream
	bool destroyed = false;
	struct Work {
		std::function<void()> run;  // or, where there is none:
		CUstream wait;              // waits until that stream has done so much
		std::uint64_t until;
	};
	std::deque<Work> queue;
	std::uint64_t queued = 0, done = 0; // works given and worked off so far
};

struct CUevent_st {
	CUcontext context;
	bool destroyed = false, timing = true;
	CUstream stream = nullptr; // where it was last recorded
	std::uint64_t until = 0;
	double seconds = 0; // when it was passed
};

struct CUctx_st {
	int device;
	bool alive = true;
	CUresult error = CUDA_SUCCESS; // from asynchronous work: stays
	CUstream_st null{this};
};

struct CUfunc_st {
	const host::Kernel* kernel;
	CUmodule module;
	std::size_t max_dynamic = 48 << 10;
};

struct CUmod_st {
	CUcontext context;
	bool unloaded = false;
	std::map<std::string, CUfunc_st> functions;
	std::map<std::string, CUdeviceptr> constants;
};

namespace driver {

struct Settings {
	int devices = 1;
	std::size_t memory = std::size_t(4) << 30;
	bool random = false;
	std::uint64_t seed = 0;
};
extern Settings settings;
void read_settings();
void read_faults();

// Whether the fault of this kind comes now: "launch" and "fault" with a launch, "alloc"
// and "host" with an allocation. Counts.
bool fails(const char* kind, int device);
bool lost(int device);

// Says on standard error what a call did wrong, and returns its error.
CUresult refuse(const char* function, CUresult error, const char* format, ...)
	__attribute__((format(printf, 3, 4)));
#define REFUSE(error, ...) driver::refuse(__func__, error, __VA_ARGS__)
// Ends the process over asynchronous work that did something wrong.
[[noreturn]] void die(const char* format, ...) __attribute__((format(printf, 1, 2)));

// A call from outside: takes the lock, and says whether the calling thread has a
// usable context.
class Call {
public:
	enum Needs { nothing, initialised, context };
	explicit Call(Needs needs = context);
	CUresult error = CUDA_SUCCESS;

private:
	std::lock_guard<std::mutex> lock;
};
#define ENTER(...)                                                                       \
	driver::Call call{__VA_ARGS__};                                                        \
	if (call.error != CUDA_SUCCESS) return call.error

extern bool is_initialised;
CUcontext current(); // of the calling thread; may be null
int device();         // of the current context
void install_fault_handler();

// Queues (driver_stream.cpp).
extern std::vector<CUstream> streams; // all that ever were
CUstream find_stream(CUstream handle); // null if it cannot be used in the current context
#define FIND_STREAM(s, handle)                                                           \
	CUstream s = find_stream(handle);                                                    \
	if (!s) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such stream in this context")
void enqueue(CUstream s, std::function<void()> run);
void advance(CUstream s, std::uint64_t until);
void drain_legacy(CUcontext c);  // what a synchronous copy waits for
void drain(CUcontext c);
void destroy_streams(CUcontext c);
void now_and_then(); // in random order, works off something

// Memory (driver_memory.cpp).
struct Allocation {
	int device; // −1: page-locked memory of the host
	char *map, *begin;
	std::size_t mapped, size;
	bool freed = false, registered = false;
	CUcontext context;
};
// The allocation, freed or not, whose mapping or guard page holds an address.
Allocation* find_allocation(const void* address);
// Why a range is not inside one live allocation of a device; null if it is.
const char* wrong_range(std::uint64_t address, std::size_t size, int device);
void show_device(int device); // its memory can be used, that of others not
void check_allocations(int device, const char* who); // dies if something was written around one
void free_allocations(CUcontext c);
// Memory of the current device with these bytes, until its context goes; 0 if there is none.
CUdeviceptr place(const void* bytes, std::size_t size);

} // namespace driver
