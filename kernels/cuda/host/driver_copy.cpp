// Copies and fills. Asynchronous ones touch memory when their turn comes, and want
// page-locked memory of the host.
#include "driver.h"

namespace driver {

static constexpr int host_memory = -1;

namespace {
struct Side {
	std::uint64_t address;
	int device;
};
} // namespace

static CUresult copy_async(const char* function, CUstream handle, Side to, Side from, std::size_t size) {
	ENTER();
	CUstream s = find_stream(handle);
	if (!s) return refuse(function, CUDA_ERROR_INVALID_HANDLE, "no such stream in this context");
	if (to.device != host_memory) to.device = device();
	if (from.device != host_memory) from.device = device();
	if (size == 0) return CUDA_SUCCESS;
	for (Side side : {to, from})
		if (const char* wrong = wrong_range(side.address, size, side.device))
			return refuse(function, CUDA_ERROR_INVALID_VALUE, "%zu bytes at %#lx: %s", size, long(side.address), wrong);
	enqueue(s, [=] {
		for (Side side : {to, from})
			if (const char* wrong = wrong_range(side.address, size, side.device))
				die("%s: when its turn came: %zu bytes at %#lx: %s", function, size, long(side.address), wrong);
		std::memmove(reinterpret_cast<void*>(to.address), reinterpret_cast<void*>(from.address), size);
	});
	return CUDA_SUCCESS;
}

// With memory of the host that need not be page-locked.
static CUresult copy_now(const char* function, std::uint64_t on_device, void* to, const void* from, std::size_t size) {
	ENTER();
	if (size == 0) return CUDA_SUCCESS;
	if (const char* wrong = wrong_range(on_device, size, device()))
		return refuse(function, CUDA_ERROR_INVALID_VALUE, "%zu bytes at %#lx: %s", size, long(on_device), wrong);
	CUcontext c = current();
	drain_legacy(c);
	if (c->error != CUDA_SUCCESS) return c->error;
	show_device(c->device);
	std::memcpy(to, from, size);
	return CUDA_SUCCESS;
}

template <class T> static CUresult fill(const char* function, CUstream handle, CUdeviceptr p, T value, std::size_t n) {
	ENTER();
	CUstream s = find_stream(handle);
	if (!s) return refuse(function, CUDA_ERROR_INVALID_HANDLE, "no such stream in this context");
	if (n == 0) return CUDA_SUCCESS;
	int d = device();
	if (const char* wrong = wrong_range(p, n * sizeof(T), d))
		return refuse(function, CUDA_ERROR_INVALID_VALUE, "%zu bytes at %#lx: %s", n * sizeof(T), long(p), wrong);
	enqueue(s, [=] {
		if (const char* wrong = wrong_range(p, n * sizeof(T), d))
			die("%s: when its turn came: %zu bytes at %#lx: %s", function, n * sizeof(T), long(p), wrong);
		std::fill_n(reinterpret_cast<T*>(p), n, value);
	});
	return CUDA_SUCCESS;
}

static std::uint64_t number(const void* p) { return reinterpret_cast<std::uint64_t>(p); }

} // namespace driver

using namespace driver;

API cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t size, CUstream s) {
	return copy_async(__func__, s, {to, 0}, {number(from), host_memory}, size);
}
API cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t size, CUstream s) {
	return copy_async(__func__, s, {number(to), host_memory}, {from, 0}, size);
}
API cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t size, CUstream s) {
	return copy_async(__func__, s, {to, 0}, {from, 0}, size);
}
API cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, std::size_t size) {
	return copy_async(__func__, nullptr, {to, 0}, {from, 0}, size);
}
API cuMemcpyHtoD(CUdeviceptr to, const void* from, std::size_t size) {
	return copy_now(__func__, to, reinterpret_cast<void*>(to), from, size);
}
API cuMemcpyDtoH(void* to, CUdeviceptr from, std::size_t size) {
	return copy_now(__func__, from, to, reinterpret_cast<const void*>(from), size);
}

API cuMemsetD8Async(CUdeviceptr p, unsigned char x, std::size_t n, CUstream s) { return fill(__func__, s, p, x, n); }
API cuMemsetD16Async(CUdeviceptr p, unsigned short x, std::size_t n, CUstream s) { return fill(__func__, s, p, x, n); }
API cuMemsetD32Async(CUdeviceptr p, unsigned x, std::size_t n, CUstream s) { return fill(__func__, s, p, x, n); }
API cuMemsetD8(CUdeviceptr p, unsigned char x, std::size_t n) { return fill<unsigned char>(__func__, nullptr, p, x, n); }
API cuMemsetD16(CUdeviceptr p, unsigned short x, std::size_t n) { return fill<unsigned short>(__func__, nullptr, p, x, n); }
API cuMemsetD32(CUdeviceptr p, unsigned x, std::size_t n) { return fill<unsigned>(__func__, nullptr, p, x, n); }
