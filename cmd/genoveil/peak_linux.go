package main

import "syscall"

// peakBytes is the largest resident memory; Linux counts kilobytes.
func peakBytes(u syscall.Rusage) int64 { return u.Maxrss << 10 }
