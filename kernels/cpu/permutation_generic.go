//go:build !amd64 || noasm

package cpu

func (*Permutation) applyVector(dst, src []uint32) bool { return false }
