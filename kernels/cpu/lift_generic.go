//go:build !amd64 || noasm

package cpu

func liftVector(dst, src []uint32, from, to Modulus, lowHalf bool) bool { return false }

func (Modulus) mulAddLiftVector(dst, src []uint32, from Modulus, w uint32) bool { return false }

func (Modulus) divideOutVector(dst, a, r []uint32, w uint32) bool { return false }

func (Modulus) divideOutTilesVector(dst []uint32, stride int, a, r []uint32, w uint32) bool {
	return false
}

func (Modulus) scaleVector(dst, a []uint32, w uint32) bool { return false }

func (Modulus) addVector(dst, a, b []uint32) bool { return false }
