package vcf

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/biogo/hts/bgzf"
	"github.com/klauspost/compress/gzip"
)

// inflaters is how many BGZF blocks are decompressed ahead of the parser, each
// on its own core. One inflates about half as fast as the parser reads; more
// than two gain less than a fifth.
const inflaters = 2

// endMarker is the empty block that ends every whole BGZF file (SAM
// specification, section 4.1.2). Without it a file cut between two blocks
// could not be told from a whole one.
const endMarker = "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00\x1b\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"

var errNoEndMarker = errors.New("the file ends early (no BGZF end marker); copy it again, and check it with bgzip -t")

// decompress returns the text of plain, gzipped or BGZF data. Of BGZF data it
// also returns the block reader, which has to be closed.
func decompress(r io.Reader) (io.Reader, *bgzf.Reader, error) {
	last := &tail{src: r}
	data := bufio.NewReaderSize(last, 1<<16)
	head, err := data.Peek(18)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch {
	case isBGZF(head):
		blocks, err := bgzf.NewReader(data, inflaters)
		if err != nil {
			return nil, nil, err
		}
		return &wholeBGZF{blocks, last}, blocks, nil
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		z, err := gzip.NewReader(data)
		return z, nil, err
	}
	return data, nil, nil
}

// isBGZF reports whether data begins with a gzip header whose first extra
// field is the BGZF block size.
func isBGZF(head []byte) bool {
	return len(head) >= 18 && string(head[:4]) == endMarker[:4] && string(head[12:14]) == "BC"
}

// checkEndMarker returns an error if a BGZF file lacks its end marker, so that
// a truncated file is found before hours of work.
func checkEndMarker(file *os.File) error {
	head := make([]byte, 18)
	if _, err := file.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	if !isBGZF(head) {
		return nil
	}
	whole, err := bgzf.HasEOF(file)
	if err == nil && !whole {
		err = errNoEndMarker
	}
	if err != nil {
		return fmt.Errorf("%s: %w", file.Name(), err)
	}
	return nil
}

// wholeBGZF is a BGZF stream that must end in the end marker.
type wholeBGZF struct {
	*bgzf.Reader
	last *tail
}

func (w *wholeBGZF) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err == io.EOF && string(w.last.bytes) != endMarker {
		err = errNoEndMarker
	}
	return n, err
}

// tail passes data through and keeps as many of the last bytes as the end
// marker has.
type tail struct {
	src   io.Reader
	bytes []byte
}

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	t.bytes = append(t.bytes, p[max(0, n-len(endMarker)):n]...)
	t.bytes = append(t.bytes[:0], t.bytes[max(0, len(t.bytes)-len(endMarker)):]...)
	return n, err
}

// readError says what to do about an error below the text. Number is the last
// line that was read.
func readError(name string, number int, err error) error {
	switch {
	case errors.Is(err, errNoEndMarker):
		return fmt.Errorf("%s, after line %d: %w", name, number, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s, after line %d: the compressed data end early; copy the file again, and check it with gzip -t", name, number)
	}
	return fmt.Errorf("%s, after line %d: cannot read on: %w", name, number, err)
}
