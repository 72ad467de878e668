//go:build !noasm

package sampling

import (
	"github.com/klauspost/cpuid/v2"

	"genoveil/kernels/cpu/level"
)

// Processors with AVX-512 but without this (Skylake, Cascade Lake) take the AVX2
// routine.
var hasVectorPopcount = cpuid.CPU.Supports(cpuid.AVX512VPOPCNTDQ)

// binomialAVX512 writes n values, a multiple of 16.
//
//go:noescape
func binomialAVX512(dst *int32, words, halves *byte, n int)

// binomialAVX2 writes n values, a multiple of 8.
//
//go:noescape
func binomialAVX2(dst *int32, words, halves *byte, n int)

// binomialVector does binomialPortable's work for the first values and returns how
// many.
func binomialVector(dst []int32, words, halves []byte) int {
	n := len(dst) &^ 15
	if n == 0 || level.Best() == level.Portable {
		return 0
	}
	_, _ = words[4*n-1], halves[2*n-1]
	if level.Best() == level.AVX512 && hasVectorPopcount {
		binomialAVX512(&dst[0], &words[0], &halves[0], n)
	} else {
		binomialAVX2(&dst[0], &words[0], &halves[0], n)
	}
	return n
}
