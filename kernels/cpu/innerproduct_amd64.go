//go:build !noasm

package cpu

//go:noescape
func innerProductAVX512(out0, out1, base0, base1, a0, a1, key0, key1 *uint32, n, digits int, q, negInv uint32)

// innerProductVector does InnerProduct's work if the processor allows.
func (m Modulus) innerProductVector(out0, out1, base0, base1, a0, a1, key0, key1 []uint32) bool {
	n := len(out0)
	if best != avx512 {
		return false
	}
	size := len(a0)
	_, _, _, _, _, _ = out1[n-1], base0[n-1], base1[n-1], a1[size-1], key0[size-1], key1[size-1]
	innerProductAVX512(&out0[0], &out1[0], &base0[0], &base1[0], &a0[0], &a1[0], &key0[0], &key1[0], n, size/n, m.Q, m.negInv)
	return true
}
