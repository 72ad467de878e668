//go:build !amd64 || noasm

package cpu

func (*Splitter) splitVector(parts []uint32, stride int, images []uint32, imageStride int) bool {
	return false
}
