package format

import (
	"encoding/binary"
	"unsafe"
)

// BytesOf views residues as the little-endian bytes that files hold.
func BytesOf(words []uint32) []byte {
	if len(words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), 4*len(words))
}

// wordsOf views bytes of a file, in memory that is aligned to words, as residues.
func wordsOf(b []byte) []uint32 {
	if len(b) < 4 {
		return nil
	}
	return unsafe.Slice((*uint32)(unsafe.Pointer(&b[0])), len(b)/4)
}

func init() {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		panic("genoveil needs a little-endian machine")
	}
}
