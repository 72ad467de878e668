//go:build !noasm

package cpu

import "genoveil/kernels/cpu/level"

//go:noescape
func addWeightedAVX512(sums *uint32, rows *[]uint32, key *uint32, count, blocks int, q, negInv uint32)

//go:noescape
func addWeightedAVX2(sums *uint32, rows *[]uint32, key *uint32, count, blocks int, q, negInv uint32)

// addWeightedVector does AddWeighted's work for whole blocks of tiles, if the
// processor allows, and returns how many words that is.
func (m Modulus) addWeightedVector(sums []uint32, rows [][]uint32, key []uint32) int {
	block := 8 * tileWidth
	if level.Best() == level.AVX2 {
		block = 4 * tileWidth
	}
	blocks := len(sums) / block
	if level.Best() == level.Portable || blocks == 0 {
		return 0
	}
	if level.Best() == level.AVX512 {
		addWeightedAVX512(&sums[0], &rows[0], &key[0], len(rows), blocks, m.Q, m.negInv)
	} else {
		addWeightedAVX2(&sums[0], &rows[0], &key[0], len(rows), blocks, m.Q, m.negInv)
	}
	return blocks * block
}
