// Package text opens text files, plain or compressed, and reads their lines.
package text

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"genoveil/genomics/bgzf"
)

// OpenFile opens a file. It refuses a folder, and BGZF that is cut off; kind says in the
// error what the file should be, as "a VCF file".
func OpenFile(path, kind string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := check(file, kind); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func check(file *os.File, kind string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a folder, not %s", file.Name(), kind)
	}
	// A pipe can be read only once, so its end is checked when it comes.
	if !info.Mode().IsRegular() {
		return nil
	}
	if err := bgzf.CheckEnd(file, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", file.Name(), err)
	}
	return nil
}

// bufferSize holds several BGZF blocks, and most lines.
const bufferSize = 1 << 17

// zstdWindow is the memory that a decoder of zstd takes at most, as the program zstd has
// it without --long.
const zstdWindow = 1 << 27

// NewReader returns the text of data: as they are, or what is compressed in them as gzip,
// BGZF or zstd. Their first bytes tell, and not the name of a file.
func NewReader(r io.Reader) (io.Reader, error) {
	data := bufio.NewReaderSize(r, bufferSize)
	head, err := data.Peek(bgzf.HeadLen)
	if err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case bgzf.Detect(head):
		return bgzf.NewText(data, 0), nil
	case strings.HasPrefix(string(head), "\x1f\x8b"):
		z, err := gzip.NewReader(data)
		if err != nil {
			return nil, fmt.Errorf("damaged gzip file: %w", err)
		}
		return z, nil
	case strings.HasPrefix(string(head), "\x28\xb5\x2f\xfd"):
		z, err := zstd.NewReader(data, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		return zstdText{z}, err
	}
	return data, nil
}

// zstdText says what to do about data that are cut off, for which gzip is of no use.
type zstdText struct{ z *zstd.Decoder }

func (t zstdText) Read(p []byte) (int, error) {
	n, err := t.z.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the compressed data end early; copy the file again, and check it with zstd -t")
	}
	return n, err
}
