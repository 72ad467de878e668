package home

import (
	"fmt"
	"os"
	"syscall"
)

// inode is a file's number on its file system. A copy of the file has another.
func inode(path string) (uint64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: the file system does not number files", path)
	}
	return stat.Ino, nil
}
