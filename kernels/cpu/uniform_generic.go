//go:build !amd64 || noasm

package cpu

func (u *Uniform) fillVector([]uint32, Modulus, blocks) bool { return false }
