//go:build !linux

package cpu

func adviseHuge([]uint32) {}
