//go:build !noasm

package cpu

//go:noescape
func accumulateAVX512(acc *uint64, c0, c1, d *uint32, samples, stride, T int)

//go:noescape
func multiplyAdd2AVX512(acc0, acc1 *uint64, a, b0, b1 *uint32, n int)

// accumulateVector does Accumulate's work if the processor and the sizes allow.
func accumulateVector(acc []uint64, c0, c1, d []uint32, stride, T int) bool {
	samples := len(c0) / T
	if best != avx512 || samples == 0 || T%8 != 0 {
		return false
	}
	_, _, _ = acc[3*T-1], c1[samples*T-1], d[(samples-1)*stride+2*T-1]
	accumulateAVX512(&acc[0], &c0[0], &c1[0], &d[0], samples, stride, T)
	return true
}

// multiplyAdd2Vector does MultiplyAdd2's work, likewise.
func multiplyAdd2Vector(acc0, acc1 []uint64, a, b0, b1 []uint32) bool {
	n := len(a)
	if best != avx512 || n == 0 || n%8 != 0 {
		return false
	}
	_, _, _, _ = acc0[n-1], acc1[n-1], b0[n-1], b1[n-1]
	multiplyAdd2AVX512(&acc0[0], &acc1[0], &a[0], &b0[0], &b1[0], n)
	return true
}
