//go:build !linux

package hugepage

func adviseHuge([]uint32) {}
