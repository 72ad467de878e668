// Modules, whose contents do not matter, functions, and launches.
#include "driver.h"

#include "memory.h"

namespace driver {

static std::map<CUmodule, bool> modules;
static std::set<CUfunction> functions;

static CUresult load(CUmodule* module, const void* image) {
	ENTER();
	if (!image) return CUDA_ERROR_INVALID_VALUE;
	*module = new CUmod_st{current()};
	modules[*module] = true;
	return CUDA_SUCCESS;
}

static bool usable(CUfunction f) {
	return functions.count(f) && !f->module->unloaded && f->module->context == current();
}

} // namespace driver

using namespace driver;

API cuModuleLoadData(CUmodule* module, const void* image) { return load(module, image); }
API cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned, CUjit_option*, void**) { return load(module, image); }
API cuModuleLoadFatBinary(CUmodule* module, const void* image) { return load(module, image); }

API cuModuleUnload(CUmodule module) {
	ENTER();
	if (!modules.count(module) || module->unloaded || module->context != current()) return CUDA_ERROR_INVALID_HANDLE;
	module->unloaded = true;
	return CUDA_SUCCESS;
}

API cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
	ENTER();
	if (!modules.count(module) || module->unloaded || module->context != current()) return CUDA_ERROR_INVALID_HANDLE;
	const host::Kernel* kernel = host::find_kernel(name);
	if (!kernel) return CUDA_ERROR_NOT_FOUND;
	*function = &module->functions.insert({name, {kernel, module}}).first->second;
	functions.insert(*function);
	return CUDA_SUCCESS;
}

// What a kernel takes is all that modules have besides kernels.
API cuModuleGetGlobal(CUdeviceptr* address, std::size_t* size, CUmodule module, const char* name) {
	ENTER();
	if (!modules.count(module) || module->unloaded || module->context != current()) return CUDA_ERROR_INVALID_HANDLE;
	const std::string whole = name, suffix = "_takes";
	if (whole.size() < suffix.size() || whole.substr(whole.size() - suffix.size()) != suffix) return CUDA_ERROR_NOT_FOUND;
	const host::Kernel* kernel = host::find_kernel(whole.substr(0, whole.size() - suffix.size()).c_str());
	if (!kernel) return CUDA_ERROR_NOT_FOUND;
	CUdeviceptr& constant = module->constants[whole];
	*size = kernel->takes.size() + 1;
	if (!constant) constant = place(kernel->takes.c_str(), *size);
	*address = constant;
	return constant ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

API cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction f) {
	ENTER();
	if (!usable(f)) return CUDA_ERROR_INVALID_HANDLE;
	switch (attribute) {
	case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = f->kernel->max_threads; break;
	case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: *value = int(f->max_dynamic); break;
	case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 65536 / f->kernel->max_threads; break;
	case CU_FUNC_ATTRIBUTE_PTX_VERSION:
	case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = 70; break;
	default: *value = 0;
	}
	return CUDA_SUCCESS;
}

API cuFuncSetAttribute(CUfunction f, CUfunction_attribute attribute, int value) {
	ENTER();
	if (!usable(f)) return CUDA_ERROR_INVALID_HANDLE;
	if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) return CUDA_SUCCESS;
	if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 || value > int(host::max_shared))
		return REFUSE(CUDA_ERROR_INVALID_VALUE, "%s: attribute %d cannot be %d", f->kernel->name, attribute, value);
	f->max_dynamic = std::size_t(value);
	return CUDA_SUCCESS;
}

API cuFuncSetCacheConfig(CUfunction f, CUfunc_cache) {
	ENTER();
	return usable(f) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction f, int, std::size_t) {
	ENTER();
	if (!usable(f)) return CUDA_ERROR_INVALID_HANDLE;
	*blocks = 1;
	return CUDA_SUCCESS;
}

API cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned dynamic, CUstream handle, void** parameters, void** extra) {
	ENTER();
	if (!usable(f)) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "no such function in this context");
	CUstream s = find_stream(handle);
	if (!s) return REFUSE(CUDA_ERROR_INVALID_HANDLE, "%s: no such stream in this context", f->kernel->name);
	if (extra) return REFUSE(CUDA_ERROR_NOT_SUPPORTED, "%s: arguments in one buffer", f->kernel->name);
	host::Shape shape{{gx, gy, gz}, {bx, by, bz}, dynamic, f->kernel->shared_begin, f->kernel->shared_end};
	if (const char* wrong = host::refusal(shape, f->kernel->max_threads))
		return REFUSE(CUDA_ERROR_INVALID_VALUE, "%s: %s", f->kernel->name, wrong);
	if (dynamic > f->max_dynamic)
		return REFUSE(CUDA_ERROR_INVALID_VALUE, "%s: %u bytes of shared memory where cuFuncSetAttribute allows %zu",
		              f->kernel->name, dynamic, f->max_dynamic);
	int d = device();
	bool fault = fails("fault", d);
	if (fails("launch", d)) return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
	CUcontext c = current();
	enqueue(s, [=, name = f->kernel->name, run = f->kernel->bind(parameters)] {
		if (fault) {
			c->error = CUDA_ERROR_ILLEGAL_ADDRESS;
			return;
		}
		run(shape);
		check_allocations(d, name);
	});
	return CUDA_SUCCESS;
}
