package bgzf

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
)

// A Text is the text of a file, inflated block by block.
type Text struct {
	source  *Reader
	one     Blocks
	inflate Inflater
	text    []byte
	rest    []byte // unread by Read
}

// NewText reads the text of the blocks that NewReader would read.
func NewText(src *bufio.Reader, offset int64) *Text {
	return &Text{source: NewReader(src, offset)}
}

// Reset goes on with the blocks from src, as NewText does, and keeps the memory.
func (t *Text) Reset(src *bufio.Reader, offset int64) {
	t.source, t.rest = NewReader(src, offset), nil
}

// Offset is where in the file the next block stands.
func (t *Text) Offset() int64 { return t.source.offset }

// Block returns the text of the next block that has any, which is valid until the
// next call, and where in the file the block stands. At the end it returns io.EOF,
// or ErrNoEndMarker if the file is cut between two blocks.
func (t *Text) Block() (text []byte, offset int64, err error) {
	for t.text = t.text[:0]; len(t.text) == 0; {
		offset = t.Offset()
		if err := t.source.Next(&t.one, 0); err != nil {
			return nil, offset, err
		}
		if t.text, err = t.inflate.Inflate(t.text, &t.one); err != nil {
			return nil, offset, err
		}
	}
	return t.text, offset, nil
}

// Read is that of an io.Reader. It is not to be mixed with Block.
func (t *Text) Read(p []byte) (int, error) {
	if len(t.rest) == 0 {
		var err error
		if t.rest, _, err = t.Block(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// Explain says what to do about an error of reading a text that is plain, gzip or BGZF.
func Explain(err error) error {
	switch {
	case errors.Is(err, ErrNoEndMarker):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the compressed data end early; copy the file again, and check it with gzip -t")
	}
	return fmt.Errorf("cannot read on: %w", err)
}

// CheckEnd returns ErrNoEndMarker if data of a size begin as BGZF, but do not end
// with EndMarker, and another error if something else follows it. So a file that is cut is found before hours of work.
func CheckEnd(data io.ReaderAt, size int64) error {
	head := make([]byte, HeadLen)
	if _, err := data.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	if !Detect(head) {
		return nil
	}
	if ok, err := HasEndMarker(data, size); err != nil || ok {
		return err
	}
	if n, err := behindEnd(data, size); err != nil || n > 0 {
		return cmp.Or(err, fmt.Errorf("%d bytes that are not BGZF follow the end marker; copy the file again, or make it anew with bgzip", n))
	}
	return ErrNoEndMarker
}
