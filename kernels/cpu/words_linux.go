package cpu

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a huge page on amd64 and of the common ones on arm64.
const hugePage = 2 << 20

// adviseHuge asks for huge pages for the whole ones inside a. It is only advice: a
// refusal changes nothing.
func adviseHuge(a []uint32) {
	start := uintptr(unsafe.Pointer(unsafe.SliceData(a)))
	skip := (hugePage - start%hugePage) % hugePage
	size := uintptr(4 * len(a))
	if size < skip+hugePage {
		return
	}
	whole := (size - skip) / hugePage * hugePage
	_ = syscall.Madvise(unsafe.Slice((*byte)(unsafe.Pointer(&a[skip/4])), whole), syscall.MADV_HUGEPAGE)
}
