//go:build cuda

package gpu

// #cgo LDFLAGS: -lcuda
// #include <cuda.h>
import "C"

import (
	"reflect"
	"unsafe"

	"gorgonia.org/cu"
)

// What gorgonia.org/cu v0.9.6 lacks.

// optInShared is the attribute: bytes of shared memory for blocks that ask for them.
const optInShared = cu.DeviceAttribute(C.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN)

// cu.Function wraps nothing but the driver's handle.
var _ [unsafe.Sizeof(C.CUfunction(nil))]struct{} = [unsafe.Sizeof(cu.Function{})]struct{}{}

// result is a CUresult as cu's own calls return it, whose type is not exported.
func result(r C.CUresult) error {
	if r == C.CUDA_SUCCESS {
		return nil
	}
	err := reflect.New(reflect.TypeOf(cu.Success)).Elem()
	err.SetInt(int64(r))
	return err.Interface().(error)
}

// code is the CUresult in an error of cu.
func code(err error) int { return int(reflect.ValueOf(err).Int()) }

// text is what the driver says about a CUresult.
func text(code int) string {
	var t *C.char
	if C.cuGetErrorString(C.CUresult(code), &t) != C.CUDA_SUCCESS {
		return "unknown error"
	}
	return C.GoString(t)
}

// hostAlloc returns page-locked memory that all contexts see.
func hostAlloc(bytes int64) (p unsafe.Pointer, err error) {
	err = result(C.cuMemHostAlloc(&p, C.size_t(bytes), C.CU_MEMHOSTALLOC_PORTABLE))
	return p, err
}

// allowShared lets launches of a kernel ask for dynamic shared memory beyond 48 KB.
func allowShared(f cu.Function, bytes int) error {
	handle := *(*C.CUfunction)(unsafe.Pointer(&f))
	return result(C.cuFuncSetAttribute(handle, C.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, C.int(bytes)))
}
