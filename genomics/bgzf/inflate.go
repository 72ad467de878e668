package bgzf

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"
)

// An Inflater inflates blocks, one at a time. The zero value is ready.
type Inflater struct {
	data   bytes.Reader // reads byte by byte: flate takes no more than it needs
	stream io.ReadCloser
	over   [1]byte
}

// Inflate appends the blocks' text. At the first damaged block it returns the
// text before, and an error that tells the block's place in the file.
func (z *Inflater) Inflate(text []byte, b *Blocks) ([]byte, error) {
	text = slices.Grow(text, b.textLen)
	for _, k := range b.blocks {
		start, footer := len(text), k.to-footerLen
		if !z.inflate(text[start:start+k.textLen], b.data[k.from:footer]) {
			return text, damagedAt(k.offset, "is damaged")
		}
		text = text[:start+k.textLen]
		if crc32.ChecksumIEEE(text[start:]) != binary.LittleEndian.Uint32(b.data[footer:]) {
			return text[:start], damagedAt(k.offset, "is damaged (wrong checksum)")
		}
	}
	return text, nil
}

// inflate fills text from data. It returns false unless the data are sound and
// give just this text.
func (z *Inflater) inflate(text, data []byte) bool {
	z.data.Reset(data)
	if z.stream == nil {
		z.stream = flate.NewReader(&z.data)
	} else if err := z.stream.(flate.Resetter).Reset(&z.data, nil); err != nil {
		return false
	}
	if _, err := io.ReadFull(z.stream, text); err != nil {
		return false
	}
	n, err := z.stream.Read(z.over[:])
	return n == 0 && err == io.EOF && z.data.Len() == 0
}
