//go:build !noasm

package cpu

import (
	"slices"

	"genoveil/kernels/cpu/level"
)

//go:noescape
func maxAVX512(most *[16]uint32, a *uint32, n int)

//go:noescape
func maxAVX2(most *[16]uint32, a *uint32, n int)

// maxVector is Max of a positive multiple of 64 words.
func maxVector(a []uint32) uint32 {
	var most [16]uint32
	if level.Best() == level.AVX512 {
		maxAVX512(&most, &a[0], len(a))
	} else {
		maxAVX2(&most, &a[0], len(a))
	}
	return slices.Max(most[:])
}
