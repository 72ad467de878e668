//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

//go:noescape
func liftAVX512(dst, src *uint32, n int, top, shift uint32)

//go:noescape
func liftAVX2(dst, src *uint32, n int, top, shift uint32)

//go:noescape
func mulAddLiftAVX512(dst, src *uint32, n int, top, shift, w, ws, q uint32)

//go:noescape
func mulAddLiftAVX2(dst, src *uint32, n int, top, shift, w, ws, q uint32)

//go:noescape
func divideOutAVX512(dst, a, r *uint32, n int, w, ws, q uint32)

//go:noescape
func divideOutAVX2(dst, a, r *uint32, n int, w, ws, q uint32)

//go:noescape
func divideOutTilesAVX512(dst *uint32, stride int, a, r *uint32, n int, w, ws, q uint32)

//go:noescape
func divideOutTilesAVX2(dst *uint32, stride int, a, r *uint32, n int, w, ws, q uint32)

//go:noescape
func scaleAVX512(dst, a *uint32, n int, w, ws, q uint32)

//go:noescape
func scaleAVX2(dst, a *uint32, n int, w, ws, q uint32)

//go:noescape
func addAVX512(dst, a, b *uint32, n int, q uint32)

//go:noescape
func addAVX2(dst, a, b *uint32, n int, q uint32)

// wholeVectors says whether n words can go to the vector routines.
func wholeVectors(n int) bool { return level.Best() != level.Portable && n > 0 && n%16 == 0 }

func liftVector(dst, src []uint32, from, to Modulus, lowHalf bool) bool {
	n := len(src)
	if !wholeVectors(n) || !simpleLift(from, to) {
		return false
	}
	_ = dst[n-1]
	if level.Best() == level.AVX512 {
		liftAVX512(&dst[0], &src[0], n, liftTop(from, lowHalf), to.Q-from.Q)
	} else {
		liftAVX2(&dst[0], &src[0], n, liftTop(from, lowHalf), to.Q-from.Q)
	}
	return true
}

func (m Modulus) mulAddLiftVector(dst, src []uint32, from Modulus, w uint32) bool {
	n := len(src)
	if !wholeVectors(n) || !simpleLift(from, m) {
		return false
	}
	_ = dst[n-1]
	if level.Best() == level.AVX512 {
		mulAddLiftAVX512(&dst[0], &src[0], n, liftTop(from, false), m.Q-from.Q, w, m.Shoup(w), m.Q)
	} else {
		mulAddLiftAVX2(&dst[0], &src[0], n, liftTop(from, false), m.Q-from.Q, w, m.Shoup(w), m.Q)
	}
	return true
}

func (m Modulus) divideOutVector(dst, a, r []uint32, w uint32) bool {
	n := len(a)
	if !wholeVectors(n) {
		return false
	}
	_, _ = dst[n-1], r[n-1]
	if level.Best() == level.AVX512 {
		divideOutAVX512(&dst[0], &a[0], &r[0], n, w, m.Shoup(w), m.Q)
	} else {
		divideOutAVX2(&dst[0], &a[0], &r[0], n, w, m.Shoup(w), m.Q)
	}
	return true
}

func (m Modulus) divideOutTilesVector(dst []uint32, stride int, a, r []uint32, w uint32) bool {
	n := len(a)
	if !wholeVectors(n) {
		return false
	}
	_, _ = dst[(n/tileWidth-1)*stride+tileWidth-1], r[n-1]
	if level.Best() == level.AVX512 {
		divideOutTilesAVX512(&dst[0], stride, &a[0], &r[0], n, w, m.Shoup(w), m.Q)
	} else {
		divideOutTilesAVX2(&dst[0], stride, &a[0], &r[0], n, w, m.Shoup(w), m.Q)
	}
	return true
}

func (m Modulus) scaleVector(dst, a []uint32, w uint32) bool {
	n := len(a)
	if !wholeVectors(n) {
		return false
	}
	_ = dst[n-1]
	if level.Best() == level.AVX512 {
		scaleAVX512(&dst[0], &a[0], n, w, m.Shoup(w), m.Q)
	} else {
		scaleAVX2(&dst[0], &a[0], n, w, m.Shoup(w), m.Q)
	}
	return true
}

func (m Modulus) addVector(dst, a, b []uint32) bool {
	n := len(a)
	if !wholeVectors(n) {
		return false
	}
	_, _ = dst[n-1], b[n-1]
	if level.Best() == level.AVX512 {
		addAVX512(&dst[0], &a[0], &b[0], n, m.Q)
	} else {
		addAVX2(&dst[0], &a[0], &b[0], n, m.Q)
	}
	return true
}
