//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

//go:noescape
func permuteAVX512(dst, src, vectors, orders *uint32, n int)

//go:noescape
func permuteAVX2(dst, src, vectors, orders *uint32, n int)

func (p *Permutation) applyVector(dst, src []uint32) bool {
	n := len(p.index)
	if level.Best() == level.Portable {
		return false
	}
	_, _ = dst[n-1], src[n-1]
	if level.Best() == level.AVX512 {
		permuteAVX512(&dst[0], &src[0], &p.vectors[0], &p.orders[0][0], n)
	} else {
		permuteAVX2(&dst[0], &src[0], &p.vectors[0], &p.orders[0][0], n)
	}
	return true
}
