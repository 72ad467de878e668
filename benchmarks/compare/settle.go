package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// settleBytes is more memory than most processes here take, beside files.
const settleBytes = 1 << 30

// settle makes free memory the same for every process that is measured. A virtual
// machine may give it back to its host, and pages then come at 0.5 GB/s to whoever
// touches them: up to as much time as a whole evaluation, or none where another process
// has just ended. What was in use until now is there for a while, and in huge pages.
func settle() error {
	memory, err := syscall.Mmap(-1, 0, settleBytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return err
	}
	_ = syscall.Madvise(memory, syscall.MADV_HUGEPAGE)
	for at := 0; at < len(memory); at += os.Getpagesize() {
		memory[at] = 1
	}
	if err := syscall.Munmap(memory); err != nil {
		return err
	}
	// Otherwise this is the peak of every process that is started from here.
	return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// cache reads all files in a directory, so that they are in the page cache, as PLINK's
// are: encryption writes around it.
func cache(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(io.Discard, f)
		return err
	})
}
