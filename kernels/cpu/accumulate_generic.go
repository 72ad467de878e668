//go:build !amd64 || noasm

package cpu

func accumulateVector([]uint64, []uint32, []uint32, []uint32, int, int) bool { return false }

func multiplyAdd2Vector([]uint64, []uint64, []uint32, []uint32, []uint32) bool { return false }
