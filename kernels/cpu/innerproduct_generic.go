//go:build !amd64 || noasm

package cpu

func (Modulus) innerProductVector(out0, out1, base0, base1, a0, a1, key0, key1 []uint32) bool {
	return false
}
