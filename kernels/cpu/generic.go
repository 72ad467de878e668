//go:build !amd64 || noasm

package cpu

// No vectors: the portable routines do all.

func (m Modulus) accumulateVector([]uint32, int, int, []uint32, []uint32, []uint32, []int, int) bool {
	return false
}

func (Modulus) innerProductVector(out0, out1, base0, base1, a0, a1, key0, key1 []uint32) bool {
	return false
}

func liftVector(dst, src []uint32, from, to Modulus, lowHalf bool) bool { return false }

func (Modulus) mulAddLiftVector(dst, src []uint32, from Modulus, w uint32) bool { return false }

func (Modulus) divideOutVector(dst, a, r []uint32, w uint32) bool { return false }

func (Modulus) divideOutTilesVector(dst []uint32, stride int, a, r []uint32, w uint32) bool {
	return false
}

func (Modulus) scaleVector(dst, a []uint32, w uint32) bool { return false }

func (Modulus) addVector(dst, a, b []uint32) bool { return false }

func maxVector([]uint32) uint32 { panic("cpu: no vectors") }

func withinVector([]int32, int32) (n int, outside bool) { return 0, false }

func mulAddSignedVector([]uint32, []int32, []int32, uint32, uint32, uint32, uint32) int { return 0 }

func mulSubTilesVector([]uint32, int, int, []uint32, []uint32, []uint32, []uint32, uint32) bool {
	return false
}

// Forward transforms a in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Forward(a []uint32) { t.forwardGeneric(a) }

// Inverse undoes Forward in place. Input in [0, 2q), output in [0, q).
func (t *NTT) Inverse(a []uint32) { t.inverseGeneric(a) }

func (*Permutation) applyVector(dst, src []uint32) bool { return false }

func (*Splitter) splitVector(parts []uint32, stride int, images []uint32, imageStride int) bool {
	return false
}

func (Modulus) addWeightedVector(sums []uint32, rows [][]uint32, key []uint32) int { return 0 }
