// Package bgzf reads BGZF, the gzip data of bgzip and htslib. The text is cut into blocks
// of up to 64 KB. Each block is a gzip member of its own that says how long it is (SAM
// specification, section 4.1). Reading blocks and inflating them are two steps, so that
// one goroutine can read a file while others inflate its blocks.
package bgzf

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// EndMarker is the empty block that ends every whole BGZF file (SAM
// specification, section 4.1.2). Without it a file cut between two blocks could
// not be told from a whole one.
const EndMarker = "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff\x06\x00BC\x02\x00\x1b\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// ErrNoEndMarker is the error at the end of data without EndMarker.
var ErrNoEndMarker = errors.New("the file ends early (no BGZF end marker); copy it again, and check it with bgzip -t")

// HeadLen is the number of bytes that Detect looks at.
const HeadLen = 18

// Detect reports whether data begins with a gzip header whose first extra field
// is the block size of BGZF.
func Detect(head []byte) bool {
	return len(head) >= HeadLen && string(head[:4]) == magic && string(head[12:14]) == "BC"
}

const (
	magic     = "\x1f\x8b\x08\x04"
	fixedLen  = 12      // of a block's header before the extra fields
	footerLen = 8       // CRC-32 and length of the text
	maxText   = 1 << 16 // length of a block's text
)

// A Reader reads whole blocks.
type Reader struct {
	src    *bufio.Reader
	offset int64 // of the next block in the file
	ended  bool  // the last block ends in EndMarker
}

// NewReader reads blocks from src, whose buffer is best larger than some blocks.
// The first has the given offset in the file, which only stands in error messages.
func NewReader(src *bufio.Reader, offset int64) *Reader {
	return &Reader{src: src, offset: offset}
}

// Next replaces the blocks in b by the next of the file: as many as have size
// bytes of text together, or fewer if src does not have the next one in its
// buffer, but at least one; just one if size is 0. An error concerns what follows the blocks that b then
// has: io.EOF, ErrNoEndMarker, io.ErrUnexpectedEOF within a block, that of the
// source, or one that tells the place of what is no block.
func (r *Reader) Next(b *Blocks, size int) (err error) {
	b.data, b.blocks, b.textLen = b.data[:0], b.blocks[:0], 0
	for len(b.blocks) == 0 || b.textLen < size && r.isBuffered() {
		var next block
		if next, err = r.read(b); err != nil {
			break
		}
		b.blocks = append(b.blocks, next)
		b.textLen += next.textLen
	}
	b.data = b.data[:b.end()]
	return err
}

// isBuffered reports whether the next block can be read without waiting.
func (r *Reader) isBuffered() bool {
	data, err := r.src.Peek(r.src.Buffered())
	if err != nil || len(data) < fixedLen {
		return false
	}
	extraLen := int(binary.LittleEndian.Uint16(data[10:]))
	if len(data) < fixedLen+extraLen {
		return false
	}
	size, ok := blockSize(data[fixedLen : fixedLen+extraLen])
	return ok && size <= len(data)
}

// read appends the next block's data.
func (r *Reader) read(b *Blocks) (block, error) {
	start := len(b.data)
	if err := r.append(b, fixedLen); err == io.EOF && !r.ended {
		return block{}, ErrNoEndMarker
	} else if err != nil {
		return block{}, err
	}
	head := b.data[start:]
	if string(head[:4]) != magic {
		return block{}, r.damaged("does not begin like one")
	}
	extraLen := int(binary.LittleEndian.Uint16(head[10:]))
	if err := r.append(b, extraLen); err != nil {
		return block{}, noEOF(err)
	}
	size, ok := blockSize(b.data[start+fixedLen:])
	rest := size - fixedLen - extraLen
	if !ok || rest < footerLen {
		return block{}, r.damaged("does not say how long it is")
	}
	from := len(b.data)
	if err := r.append(b, rest); err != nil {
		return block{}, noEOF(err)
	}
	textLen := binary.LittleEndian.Uint32(b.data[len(b.data)-4:])
	if textLen > maxText {
		return block{}, r.damaged("is larger than 64 KB")
	}
	r.ended = bytes.HasSuffix(b.data[start:], []byte(EndMarker))
	at := r.offset
	r.offset += int64(size)
	return block{from, len(b.data), int(textLen), at}, nil
}

// append reads n bytes more of the block.
func (r *Reader) append(b *Blocks, n int) error {
	old := len(b.data)
	b.data = slices.Grow(b.data, n)[:old+n]
	_, err := io.ReadFull(r.src, b.data[old:])
	return err
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// blockSize returns the length of a block from its extra fields.
func blockSize(extra []byte) (int, bool) {
	for len(extra) >= 4 {
		n := int(binary.LittleEndian.Uint16(extra[2:]))
		if len(extra) < 4+n {
			break
		}
		if string(extra[:2]) == "BC" && n == 2 {
			return int(binary.LittleEndian.Uint16(extra[4:])) + 1, true
		}
		extra = extra[4+n:]
	}
	return 0, false
}

// damaged is an error about the block that begins at the offset.
func (r *Reader) damaged(what string) error { return damagedAt(r.offset, what) }

func damagedAt(offset int64, what string) error {
	return fmt.Errorf("the BGZF block at byte %d %s; copy the file again, and check it with bgzip -t", offset, what)
}
