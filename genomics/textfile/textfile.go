// Package textfile opens text files, plain or gzipped.
package textfile

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

type file struct {
	io.Reader
	io.Closer
}

// Open opens a file and inflates it if its first bytes are gzip's.
func Open(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReader(f)
	if magic, _ := in.Peek(2); string(magic) != "\x1f\x8b" {
		return file{in, f}, nil
	}
	text, err := gzip.NewReader(in)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: damaged gzip file: %w", path, err)
	}
	return file{text, f}, nil
}
