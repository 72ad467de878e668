// Memory of devices and page-locked memory. Every allocation has pages of its own, ends
// (but for its alignment) at a guard page, begins as poison, and its addresses are never
// given out again.
#include "driver.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) (void(p), void(n))
#endif

namespace driver {

static constexpr std::size_t page = 4096, alignment = 256;

static std::map<const char*, Allocation> allocations; // by the end of the guard page
static std::map<int, std::size_t> used;               // bytes of each device

// Poison that takes no memory before it is written to: private pages of one file.
static bool map_poison(char* at, std::size_t size) {
	static constexpr std::size_t file_size = 8 << 20;
	static int file = [] {
		int fd = memfd_create("poison", 0);
		std::vector<char> bytes(file_size, char(host::poison));
		if (fd < 0 || write(fd, bytes.data(), file_size) != ssize_t(file_size)) die("cannot make poison");
		return fd;
	}();
	for (std::size_t done = 0; done < size; done += file_size)
		if (mmap(at + done, std::min(file_size, size - done), PROT_READ | PROT_WRITE,
		         MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file, 0) == MAP_FAILED)
			return false;
	return true;
}

static char* allocate(int device, std::size_t size) {
	std::size_t rounded = (size + alignment - 1) / alignment * alignment;
	std::size_t mapped = (rounded + page - 1) / page * page;
	void* map = mmap(nullptr, mapped + page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (map == MAP_FAILED) return nullptr;
	char* begin = static_cast<char*>(map) + mapped - rounded;
	if (!map_poison(static_cast<char*>(map), mapped)) {
		munmap(map, mapped + page);
		return nullptr;
	}
	ASAN_POISON_MEMORY_REGION(map, begin - static_cast<char*>(map));
	ASAN_POISON_MEMORY_REGION(begin + size, rounded - size);
	allocations[begin + rounded + page] = {device, static_cast<char*>(map), begin, mapped, size, false, false, current()};
	return begin;
}

static void release(Allocation& a) {
	a.freed = true;
	if (a.device >= 0) used[a.device] -= a.size;
	mmap(a.map, a.mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

Allocation* find_allocation(const void* address) {
	const char* p = static_cast<const char*>(address);
	auto a = allocations.upper_bound(p);
	return a != allocations.end() && a->second.map <= p ? &a->second : nullptr;
}

const char* wrong_range(std::uint64_t address, std::size_t size, int device) {
	const char* p = reinterpret_cast<const char*>(address);
	const Allocation* a = find_allocation(p);
	if (!a || p < a->begin || p >= a->begin + std::max<std::size_t>(a->size, 1))
		return device < 0 ? "memory that is not page-locked" : "memory that was not allocated";
	if (a->freed) return "memory that was freed";
	if (a->device != device) return device < 0 ? "memory of a device" : "memory of another device or of the host";
	if (size > a->size - (p - a->begin)) return "memory beyond the end of an allocation";
	return nullptr;
}

void show_device(int device) {
	static int shown = -1;
	if (settings.devices == 1 || shown == device) return;
	for (auto& [end, a] : allocations)
		if (a.device >= 0 && !a.freed)
			mprotect(a.map, a.mapped, a.device == device ? PROT_READ | PROT_WRITE : PROT_NONE);
	shown = device;
}

__attribute__((no_sanitize("address"))) void check_allocations(int device, const char* who) {
	for (auto& [end, a] : allocations) {
		if (a.device != device || a.freed) continue;
		for (const char* p = std::max(a.map, a.begin - 64); p < a.begin; p++)
			if (static_cast<unsigned char>(*p) != host::poison)
				die("%s: something was written %ld bytes in front of an allocation of %zu bytes", who, long(a.begin - p), a.size);
		for (const char* p = a.begin + a.size; p < a.map + a.mapped; p++)
			if (static_cast<unsigned char>(*p) != host::poison)
				die("%s: something was written %ld bytes behind an allocation of %zu bytes", who, long(p - a.begin - a.size), a.size);
	}
}

void free_allocations(CUcontext c) {
	for (auto& [end, a] : allocations)
		if (a.context == c && !a.freed && a.device >= 0) release(a);
}

CUdeviceptr place(const void* bytes, std::size_t size) {
	int d = device();
	show_device(d);
	char* p = allocate(d, size);
	if (!p) return 0;
	used[d] += size;
	std::memcpy(p, bytes, size);
	return reinterpret_cast<CUdeviceptr>(p);
}

} // namespace driver

using namespace driver;

API cuMemAlloc(CUdeviceptr* address, std::size_t size) {
	ENTER();
	if (size == 0) return CUDA_ERROR_INVALID_VALUE;
	int d = device();
	if (fails("alloc", d) || size > settings.memory - used[d]) return CUDA_ERROR_OUT_OF_MEMORY;
	show_device(d);
	char* p = allocate(d, size);
	if (!p) return CUDA_ERROR_OUT_OF_MEMORY;
	used[d] += size;
	*address = reinterpret_cast<CUdeviceptr>(p);
	return CUDA_SUCCESS;
}

// At once: work that still waits in a stream finds its memory gone.
API cuMemFree(CUdeviceptr address) {
	ENTER();
	if (address == 0) return CUDA_SUCCESS;
	Allocation* a = find_allocation(reinterpret_cast<void*>(address));
	if (!a || a->freed || a->device != device() || address != reinterpret_cast<CUdeviceptr>(a->begin))
		return REFUSE(CUDA_ERROR_INVALID_VALUE, "not an allocation of this device");
	show_device(device());
	check_allocations(device(), __func__);
	release(*a);
	return CUDA_SUCCESS;
}

API cuMemGetInfo(std::size_t* free, std::size_t* total) {
	ENTER();
	*total = settings.memory;
	*free = settings.memory - used[device()];
	return CUDA_SUCCESS;
}

API cuMemGetAddressRange(CUdeviceptr* base, std::size_t* size, CUdeviceptr address) {
	ENTER();
	Allocation* a = find_allocation(reinterpret_cast<void*>(address));
	if (!a || a->freed || a->device < 0) return CUDA_ERROR_NOT_FOUND;
	if (base) *base = reinterpret_cast<CUdeviceptr>(a->begin);
	if (size) *size = a->size;
	return CUDA_SUCCESS;
}

API cuMemHostAlloc(void** address, std::size_t size, unsigned) {
	ENTER();
	if (size == 0) return CUDA_ERROR_INVALID_VALUE;
	if (fails("host", device())) return CUDA_ERROR_OUT_OF_MEMORY;
	*address = allocate(-1, size);
	return *address ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

API cuMemAllocHost(void** address, std::size_t size) { return cuMemHostAlloc(address, size, 0); }

API cuMemFreeHost(void* address) {
	ENTER();
	Allocation* a = find_allocation(address);
	if (!a || a->freed || a->registered || a->device >= 0 || address != a->begin)
		return REFUSE(CUDA_ERROR_INVALID_VALUE, "not page-locked memory of this driver");
	release(*a);
	return CUDA_SUCCESS;
}

API cuMemHostRegister(void* address, std::size_t size, unsigned) {
	ENTER();
	char* p = static_cast<char*>(address);
	if (size == 0) return CUDA_ERROR_INVALID_VALUE;
	auto next = allocations.upper_bound(p);
	if (next != allocations.end() && next->second.map < p + size) return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
	allocations[p + size] = {-1, p, p, size, size, false, true, current()};
	return CUDA_SUCCESS;
}

API cuMemHostUnregister(void* address) {
	ENTER();
	Allocation* a = find_allocation(address);
	if (!a || a->freed || !a->registered || a->begin != address) return CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
	allocations.erase(a->begin + a->size);
	return CUDA_SUCCESS;
}
