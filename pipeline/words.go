package pipeline

import (
	"encoding/binary"
	"unsafe"
)

// bytesOf views residues as the little-endian bytes that files hold.
func bytesOf(words []uint32) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 4*len(words))
}

func init() {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		panic("genoveil needs a little-endian machine")
	}
}
