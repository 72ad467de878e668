//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

// The AVX-512 routines take multiples of 16 words, the AVX2 ones of 8.

//go:noescape
func withinAVX512(x *int32, n int, limit int32) (outside bool)

//go:noescape
func withinAVX2(x *int32, n int, limit int32) (outside bool)

//go:noescape
func mulAddSignedAVX512(dst *uint32, v, e *int32, n int, w, shoup, surplus, q uint32)

//go:noescape
func mulAddSignedAVX2(dst *uint32, v, e *int32, n int, w, shoup, surplus, q uint32)

//go:noescape
func mulSubTilesAVX512(dst *uint32, stride, width int, a, b, w, shoup *uint32, tiles int, q uint32)

//go:noescape
func mulSubTilesAVX2(dst *uint32, stride, width int, a, b, w, shoup *uint32, tiles int, q uint32)

// withinVector does withinPortable's work for the first n values.
func withinVector(x []int32, limit int32) (n int, outside bool) {
	if n = len(x) &^ 15; n == 0 || level.Best() == level.Portable {
		return 0, false
	}
	if level.Best() == level.AVX512 {
		return n, withinAVX512(&x[0], n, limit)
	}
	return n, withinAVX2(&x[0], n, limit)
}

// mulAddSignedVector does mulAddSignedPortable's work for the first values and
// returns how many.
func mulAddSignedVector(dst []uint32, v, e []int32, w, shoup, surplus, q uint32) int {
	n := len(dst) &^ 15
	if n == 0 || level.Best() == level.Portable {
		return 0
	}
	if level.Best() == level.AVX512 {
		mulAddSignedAVX512(&dst[0], &v[0], &e[0], n, w, shoup, surplus, q)
	} else {
		mulAddSignedAVX2(&dst[0], &v[0], &e[0], n, w, shoup, surplus, q)
	}
	return n
}

// mulSubTilesVector does the work of MulSubTiles if rows are whole vectors.
func mulSubTilesVector(dst []uint32, stride, width int, a, b, w, shoup []uint32, q uint32) bool {
	if level.Best() == level.Portable || len(a) == 0 || width%16 != 0 {
		return false
	}
	tiles := len(a) / width
	_ = dst[(tiles-1)*stride+width-1]
	if level.Best() == level.AVX512 {
		mulSubTilesAVX512(&dst[0], stride, width, &a[0], &b[0], &w[0], &shoup[0], tiles, q)
	} else {
		mulSubTilesAVX2(&dst[0], stride, width, &a[0], &b[0], &w[0], &shoup[0], tiles, q)
	}
	return true
}
