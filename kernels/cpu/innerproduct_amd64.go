//go:build !noasm

package cpu

//go:noescape
func innerProductAVX512(out0, out1, base, a, key *uint32, n, digits int, q, negInv uint32)

// innerProductVector does InnerProduct's work if the processor allows.
func (m Modulus) innerProductVector(out0, out1, base, a, key []uint32) bool {
	n := len(out0)
	digits := len(a) / n
	if best != avx512 {
		return false
	}
	_, _, _ = out1[n-1], base[n-1], key[2*digits*n-1]
	innerProductAVX512(&out0[0], &out1[0], &base[0], &a[0], &key[0], n, digits, m.Q, m.negInv)
	return true
}
