package hugepage

import (
	"syscall"
	"unsafe"
)

// hugePage is the size of a huge page on amd64 and of the common ones on arm64.
const hugePage = 2 << 20

// leastHuge is the least that is worth a huge page, which it then shares with what is
// beside it.
const leastHuge = hugePage / 8

// adviseHuge asks for huge pages for all of a, also where they begin before it or end
// behind it: that is the heap too, whose arenas are made of them. It is only advice: a
// refusal changes nothing.
func adviseHuge(a []uint32) {
	if 4*len(a) < leastHuge {
		return
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(a)))
	before := start % hugePage
	whole := (before + uintptr(4*len(a)) + hugePage - 1) / hugePage * hugePage
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, start-before, whole, syscall.MADV_HUGEPAGE)
}
