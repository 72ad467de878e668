//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

//go:noescape
func split8AVX512(parts, images, factors *uint32, n, stride, imageStride, block int, q uint32)

//go:noescape
func split8AVX2(parts, images, factors *uint32, n, stride, imageStride, block int, q uint32)

// splitVector does Split's work for eight parts if the processor allows. Fewer
// parts occur only once, at the root of an expansion.
func (s *Splitter) splitVector(parts []uint32, stride int, images []uint32, imageStride int) bool {
	if level.Best() == level.Portable || s.levels != 3 {
		return false
	}
	_, _ = parts[7*stride+s.n-1], images[7*imageStride+s.n-1]
	if level.Best() == level.AVX512 {
		split8AVX512(&parts[0], &images[0], &s.factors[0], s.n, stride, imageStride, s.block, s.m.Q)
	} else {
		split8AVX2(&parts[0], &images[0], &s.factors[0], s.n, stride, imageStride, s.block, s.m.Q)
	}
	return true
}
