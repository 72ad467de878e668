//go:build !amd64 || noasm

package cpu

func maxVector([]uint32) uint32 { panic("cpu: no vectors") }
