//go:build !amd64 || noasm

package cpu

func binomialVector([]int32, []byte, []byte) int { return 0 }
