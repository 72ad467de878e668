package chunkfile

import (
	"os"
	"syscall"
)

// mapped maps a range of a file: whole pages, and the range in them. It returns nil where
// the file system cannot. Pages that are in memory are mapped at once, and those that are
// not are read ahead.
func mapped(f *os.File, offset, size int64) (pages, bytes []byte) {
	if size == 0 {
		return nil, nil
	}
	before := offset % int64(os.Getpagesize())
	pages, err := syscall.Mmap(int(f.Fd()), offset-before, int(before+size), syscall.PROT_READ, syscall.MAP_SHARED|syscall.MAP_POPULATE)
	if err != nil {
		return nil, nil
	}
	return pages, pages[before:]
}

func unmap(pages []byte) { _ = syscall.Munmap(pages) }
