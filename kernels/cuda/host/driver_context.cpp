// Contexts: primary ones and others, and which one a thread uses.
#include "driver.h"

namespace driver {

static thread_local std::vector<CUcontext> stack;

CUcontext current() { return stack.empty() ? nullptr : stack.back(); }

int device() { return current()->device; }

static std::set<CUcontext> contexts; // all that ever were

namespace {
struct Primary {
	CUcontext context = nullptr;
	int retained = 0;
	unsigned flags = 0;
};
std::map<int, Primary> primaries;
} // namespace

static CUcontext make(int device) {
	CUcontext c = new CUctx_st{device};
	contexts.insert(c);
	streams.push_back(&c->null);
	return c;
}

static void destroy(CUcontext c) {
	if (!lost(c->device) && c->error == CUDA_SUCCESS) drain(c);
	destroy_streams(c);
	free_allocations(c);
	c->alive = false;
}

} // namespace driver

using namespace driver;

API cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice d) {
	ENTER(Call::initialised);
	if (d < 0 || d >= settings.devices) return CUDA_ERROR_INVALID_DEVICE;
	Primary& p = primaries[d];
	if (p.retained == 0) {
		bool alone = true;
		for (auto& [ordinal, other] : primaries) alone = alone && other.retained == 0;
		if (alone) read_faults();
	}
	if (lost(d)) return CUDA_ERROR_DEVICE_UNAVAILABLE;
	if (p.retained++ == 0) p.context = make(d);
	*context = p.context;
	return CUDA_SUCCESS;
}

API cuDevicePrimaryCtxRelease(CUdevice d) {
	ENTER(Call::initialised);
	auto p = primaries.find(d);
	if (p == primaries.end() || p->second.retained == 0) return CUDA_ERROR_INVALID_CONTEXT;
	if (--p->second.retained == 0) destroy(p->second.context);
	return CUDA_SUCCESS;
}

API cuDevicePrimaryCtxReset(CUdevice d) {
	ENTER(Call::initialised);
	auto p = primaries.find(d);
	if (p != primaries.end() && p->second.retained > 0) {
		destroy(p->second.context);
		p->second.retained = 0;
	}
	return CUDA_SUCCESS;
}

API cuDevicePrimaryCtxGetState(CUdevice d, unsigned* flags, int* active) {
	ENTER(Call::initialised);
	*flags = primaries[d].flags;
	*active = primaries[d].retained > 0;
	return CUDA_SUCCESS;
}

API cuDevicePrimaryCtxSetFlags(CUdevice d, unsigned flags) {
	ENTER(Call::initialised);
	primaries[d].flags = flags;
	return CUDA_SUCCESS;
}

API cuCtxCreate(CUcontext* context, unsigned, CUdevice d) {
	ENTER(Call::initialised);
	if (d < 0 || d >= settings.devices) return CUDA_ERROR_INVALID_DEVICE;
	*context = make(d);
	stack.push_back(*context);
	return CUDA_SUCCESS;
}

API cuCtxDestroy(CUcontext c) {
	ENTER(Call::initialised);
	if (!contexts.count(c) || !c->alive) return CUDA_ERROR_INVALID_CONTEXT;
	destroy(c);
	if (current() == c) stack.pop_back();
	return CUDA_SUCCESS;
}

API cuCtxSetCurrent(CUcontext c) {
	ENTER(Call::initialised);
	if (c && (!contexts.count(c) || !c->alive)) return CUDA_ERROR_INVALID_CONTEXT;
	if (!stack.empty()) stack.pop_back();
	if (c) stack.push_back(c);
	return CUDA_SUCCESS;
}

API cuCtxPushCurrent(CUcontext c) {
	ENTER(Call::initialised);
	if (!contexts.count(c) || !c->alive) return CUDA_ERROR_INVALID_CONTEXT;
	stack.push_back(c);
	return CUDA_SUCCESS;
}

API cuCtxPopCurrent(CUcontext* c) {
	ENTER(Call::initialised);
	if (stack.empty()) return CUDA_ERROR_INVALID_CONTEXT;
	if (c) *c = stack.back();
	stack.pop_back();
	return CUDA_SUCCESS;
}

API cuCtxGetCurrent(CUcontext* c) {
	ENTER(Call::initialised);
	*c = current();
	return CUDA_SUCCESS;
}

API cuCtxGetDevice(CUdevice* d) {
	ENTER();
	*d = device();
	return CUDA_SUCCESS;
}

API cuCtxGetApiVersion(CUcontext, unsigned* version) {
	ENTER();
	*version = CUDA_VERSION;
	return CUDA_SUCCESS;
}

API cuCtxSynchronize() {
	ENTER();
	CUcontext c = current();
	drain(c);
	return c->error;
}
