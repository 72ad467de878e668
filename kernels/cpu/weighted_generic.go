//go:build !amd64 || noasm

package cpu

func (Modulus) addWeightedVector(sums []uint32, rows [][]uint32, key []uint32) int { return 0 }
