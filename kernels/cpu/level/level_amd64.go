//go:build !noasm

package level

import "github.com/klauspost/cpuid/v2"

// supported is the best level of this processor. The tag noavx512 leaves AVX-512
// out, to test and time what most processors before 2020 run.
var supported = func() Level {
	switch {
	case allowAVX512 && cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL):
		return AVX512
	case cpuid.CPU.Supports(cpuid.AVX2):
		return AVX2
	}
	return Portable
}()
