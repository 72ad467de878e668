//go:build !amd64 || noasm

package sampling

import "genoveil/kernels/cpu"

// No vectors: the portable routines do all.

func (u *Uniform) fillVector([]uint32, cpu.Modulus, blocks) bool { return false }

func binomialVector([]int32, []byte, []byte) int { return 0 }

type tileVectors struct{}

func (*tileVectors) start(*TileStream) {}

func (*TileStream) nextVector(dst, ahead []uint32) int { return 0 }
