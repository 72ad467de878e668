//go:build !linux

package main

import "syscall"

// peakBytes is the largest resident memory; macOS counts bytes.
func peakBytes(u syscall.Rusage) int64 { return u.Maxrss }
