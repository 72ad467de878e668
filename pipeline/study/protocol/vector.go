package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// A Vector is words in a file, lowest byte first.
type Vector struct {
	file *os.File
	Len  int
}

// OpenVector opens a vector of a length.
func OpenVector(path string, length int) (*Vector, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != 8*int64(length) {
		err = fmt.Errorf("%s: %d bytes, where the total has %d", path, info.Size(), 8*length)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Vector{f, length}, nil
}

// Read reads words from one on.
func (v *Vector) Read(at int, words []uint64) error {
	data := make([]byte, 8*len(words))
	if _, err := v.file.ReadAt(data, 8*int64(at)); err != nil {
		return err
	}
	toWords(words, data)
	return nil
}

// Close closes the file.
func (v *Vector) Close() error { return v.file.Close() }

func toWords(words []uint64, data []byte) {
	for i := range words {
		words[i] = binary.LittleEndian.Uint64(data[8*i:])
	}
}

func toBytes(data []byte, words []uint64) []byte {
	for i, w := range words {
		binary.LittleEndian.PutUint64(data[8*i:], w)
	}
	return data[:8*len(words)]
}
