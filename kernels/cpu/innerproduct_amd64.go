//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

//go:noescape
func innerProductAVX512(out0, out1, base0, base1, a0, a1, key0, key1 *uint32, n, digits, stride int, q, negInv uint32)

//go:noescape
func innerProductAVX2(out0, out1, base0, base1, a0, a1, key0, key1 *uint32, n, digits, stride int, q, negInv uint32)

// innerProductVector does InnerProduct's work if the processor allows.
func (m Modulus) innerProductVector(out0, out1, base0, base1, a0, a1, key0, key1 []uint32) bool {
	n := len(out0)
	if level.Best() == level.Portable {
		return false
	}
	digits := len(key0) / n
	stride := len(a0) / digits
	if stride < n {
		panic("cpu: rows of digits are too short")
	}
	_, _, _, _, _, _ = out1[n-1], base0[n-1], base1[n-1], a1[len(a0)-1], key0[n*digits-1], key1[n*digits-1]
	if level.Best() == level.AVX512 {
		innerProductAVX512(&out0[0], &out1[0], &base0[0], &base1[0], &a0[0], &a1[0], &key0[0], &key1[0], n, digits, stride, m.Q, m.negInv)
	} else {
		innerProductAVX2(&out0[0], &out1[0], &base0[0], &base1[0], &a0[0], &a1[0], &key0[0], &key1[0], n, digits, stride, m.Q, m.negInv)
	}
	return true
}
