//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

//go:noescape
func nttForwardAVX512(a, w, ws, index *uint32, n int, q uint32)

//go:noescape
func nttInverseAVX512(a, w, ws, index *uint32, n int, q, nInv, nInvShoup, wInv, wInvShoup uint32)

//go:noescape
func nttForwardAVX2(a, w, ws *uint32, n int, q uint32)

//go:noescape
func nttInverseAVX2(a, w, ws *uint32, n int, q, nInv, nInvShoup, wInv, wInvShoup uint32)

// Forward transforms a in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Forward(a []uint32) {
	a = a[:t.N]
	w, ws := &t.forward.w[0], &t.forward.shoup[0]
	switch {
	case level.Best() == level.AVX512 && t.N >= 128:
		nttForwardAVX512(&a[0], w, ws, &nttIndex[0][0], t.N, t.Q)
	case level.Best() == level.AVX2 && t.N >= 64:
		nttForwardAVX2(&a[0], w, ws, t.N, t.Q)
	default:
		t.forwardGeneric(a)
	}
}

// Inverse undoes Forward in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Inverse(a []uint32) {
	a = a[:t.N]
	w, ws := &t.inverse.w[0], &t.inverse.shoup[0]
	switch {
	case level.Best() == level.AVX512 && t.N >= 128:
		nttInverseAVX512(&a[0], w, ws, &nttIndex[0][0], t.N, t.Q, t.nInv, t.nInvShoup, t.wInv, t.wInvShoup)
	case level.Best() == level.AVX2 && t.N >= 128:
		nttInverseAVX2(&a[0], w, ws, t.N, t.Q, t.nInv, t.nInvShoup, t.wInv, t.wInvShoup)
	default:
		t.inverseGeneric(a)
	}
}

// nttIndex holds the index vectors of the assembly, in the order of its offsets.
// Words 0 … 15 are those of the first of two vectors, 16 … 31 of the second.
var nttIndex = func() (table [7][16]uint32) {
	row := 0
	add := func(index func(i uint32) uint32) {
		for i := range table[row] {
			table[row][i] = index(uint32(i))
		}
		row++
	}
	add(func(i uint32) uint32 { return i%2*16 + i/2 })     // one word of each in turn
	add(func(i uint32) uint32 { return i%2*16 + i/2 + 8 }) // and the second half of that
	add(func(i uint32) uint32 { return 2 * i })            // even words of both
	add(func(i uint32) uint32 { return 2*i + 1 })
	for _, size := range []uint32{8, 4, 2} {
		add(func(i uint32) uint32 { return i / size }) // every word `size` times
	}
	return table
}()
