// Initialisation, devices, errors.
#include "driver.h"

#include <cstdio>

#include "memory.h"

namespace driver {
bool is_initialised;
static std::mutex big_lock;

Call::Call(Needs needs) : lock(big_lock) {
	if (needs == nothing) return;
	if (!is_initialised) error = CUDA_ERROR_NOT_INITIALIZED;
	if (error != CUDA_SUCCESS || needs == initialised) return;
	CUcontext c = current();
	if (!c)
		error = CUDA_ERROR_INVALID_CONTEXT;
	else if (!c->alive)
		error = CUDA_ERROR_CONTEXT_IS_DESTROYED;
	else if (lost(c->device))
		error = CUDA_ERROR_DEVICE_UNAVAILABLE;
	else
		error = c->error;
	if (error == CUDA_SUCCESS) now_and_then();
}
} // namespace driver

using namespace driver;

API cuInit(unsigned flags) {
	ENTER(Call::nothing);
	if (flags != 0) return CUDA_ERROR_INVALID_VALUE;
	if (is_initialised) return CUDA_SUCCESS;
	read_settings();
	read_faults();
	if (settings.devices == 0) return CUDA_ERROR_NO_DEVICE;
	install_fault_handler();
	is_initialised = true;
	return CUDA_SUCCESS;
}

API cuDriverGetVersion(int* version) {
	*version = CUDA_VERSION;
	return CUDA_SUCCESS;
}

#define CHECK_DEVICE(d) \
	if ((d) < 0 || (d) >= settings.devices) return CUDA_ERROR_INVALID_DEVICE

API cuDeviceGetCount(int* count) {
	ENTER(Call::initialised);
	*count = settings.devices;
	return CUDA_SUCCESS;
}

API cuDeviceGet(CUdevice* device, int ordinal) {
	ENTER(Call::initialised);
	CHECK_DEVICE(ordinal);
	*device = ordinal;
	return CUDA_SUCCESS;
}

API cuDeviceGetName(char* name, int size, CUdevice d) {
	ENTER(Call::initialised);
	CHECK_DEVICE(d);
	std::snprintf(name, size, "Test driver");
	return CUDA_SUCCESS;
}

API cuDeviceTotalMem(std::size_t* bytes, CUdevice d) {
	ENTER(Call::initialised);
	CHECK_DEVICE(d);
	*bytes = settings.memory;
	return CUDA_SUCCESS;
}

API cuDeviceGetUuid(CUuuid* uuid, CUdevice d) {
	ENTER(Call::initialised);
	CHECK_DEVICE(d);
	*uuid = {};
	uuid->bytes[0] = char(d);
	return CUDA_SUCCESS;
}

API cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice d) {
	ENTER(Call::initialised);
	CHECK_DEVICE(d);
	switch (attribute) {
	case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
	case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
	case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: *value = 1024; break;
	case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: *value = 64; break;
	case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: *value = 0x7fffffff; break;
	case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
	case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: *value = 65535; break;
	case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: *value = 48 << 10; break;
	case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: *value = int(host::max_shared); break;
	case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: *value = int(host::max_shared); break;
	case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: *value = 64 << 10; break;
	case CU_DEVICE_ATTRIBUTE_WARP_SIZE: *value = 32; break;
	case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
	case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: *value = 65536; break;
	case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: *value = 2048; break;
	case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: *value = 32; break;
	case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = 2; break;
	case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = 7; break;
	case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = 0; break;
	case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
	case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: *value = 1000000; break; // kHz
	case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: *value = 64; break;
	case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: *value = 1 << 20; break;
	case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
	case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
	case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
	case CU_DEVICE_ATTRIBUTE_GPU_OVERLAP: *value = 1; break;
	case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: *value = 2; break;
	case CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID: *value = d; break;
	default: *value = 0;
	}
	return CUDA_SUCCESS;
}

#define ERRORS(E)                                                                        \
	E(CUDA_SUCCESS, "no error")                                                          \
	E(CUDA_ERROR_INVALID_VALUE, "invalid argument")                                      \
	E(CUDA_ERROR_OUT_OF_MEMORY, "out of memory")                                         \
	E(CUDA_ERROR_NOT_INITIALIZED, "initialization error")                                \
	E(CUDA_ERROR_DEVICE_UNAVAILABLE, "CUDA-capable device(s) is/are busy or unavailable") \
	E(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected")                        \
	E(CUDA_ERROR_INVALID_DEVICE, "invalid device ordinal")                               \
	E(CUDA_ERROR_INVALID_CONTEXT, "invalid device context")                              \
	E(CUDA_ERROR_INVALID_HANDLE, "invalid resource handle")                              \
	E(CUDA_ERROR_NOT_FOUND, "named symbol not found")                                    \
	E(CUDA_ERROR_NOT_READY, "device not ready")                                          \
	E(CUDA_ERROR_ILLEGAL_ADDRESS, "an illegal memory access was encountered")            \
	E(CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "too many resources requested for launch")     \
	E(CUDA_ERROR_CONTEXT_IS_DESTROYED, "context is destroyed")                           \
	E(CUDA_ERROR_NOT_SUPPORTED, "operation not supported")                               \
	E(CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED, "part or all of the requested memory range is already mapped") \
	E(CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED, "pointer does not correspond to a registered memory region")

API cuGetErrorString(CUresult error, const char** text) {
	switch (error) {
#define CASE(code, words) case code: *text = words; return CUDA_SUCCESS;
		ERRORS(CASE)
#undef CASE
	default: *text = nullptr; return CUDA_ERROR_INVALID_VALUE;
	}
}

API cuGetErrorName(CUresult error, const char** text) {
	switch (error) {
#define CASE(code, words) case code: *text = #code; return CUDA_SUCCESS;
		ERRORS(CASE)
#undef CASE
	default: *text = nullptr; return CUDA_ERROR_INVALID_VALUE;
	}
}
