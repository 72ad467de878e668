//go:build !noasm

package cpu

import "github.com/klauspost/cpuid/v2"

// haveAVX512 says whether the vector routines can run.
var haveAVX512 = cpuid.CPU.Supports(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL)

//go:noescape
func nttForwardAVX512(a, w, ws *uint32, n int, q uint32)

//go:noescape
func nttInverseAVX512(a, w, ws *uint32, n int, q, nInv, nInvShoup uint32)

// Forward transforms a in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Forward(a []uint32) {
	if haveAVX512 && t.N >= 32 {
		a = a[:t.N]
		nttForwardAVX512(&a[0], &t.forward.w[0], &t.forward.shoup[0], t.N, t.Q)
		return
	}
	t.forwardGeneric(a)
}

// Inverse undoes Forward in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Inverse(a []uint32) {
	if haveAVX512 && t.N >= 32 {
		a = a[:t.N]
		nttInverseAVX512(&a[0], &t.inverse.w[0], &t.inverse.shoup[0], t.N, t.Q, t.nInv, t.nInvShoup)
		return
	}
	t.inverseGeneric(a)
}
