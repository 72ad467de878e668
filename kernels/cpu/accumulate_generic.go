//go:build !amd64 || noasm

package cpu

func (m Modulus) accumulateVector([]uint32, int, int, []uint32, []uint32, []uint32, []int, int) bool {
	return false
}
