package bgen

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Compressions, bits 0 and 1 of a file's flags.
const (
	uncompressed = 0
	zlibbed      = 1
	zstandard    = 2
)

const (
	fixedHeaderLen = 20 // without the free text
	layout2        = 2
	maxIdentifier  = 1<<16 - 1
)

// A header is what comes before the variants.
type header struct {
	variants    uint32
	samples     uint32
	compression uint32
	names       []string // nil where the file has none
	first       int64    // where the first variant is
}

// readHeader reads a file up to its first variant. The file has so many bytes, which
// bound what is read.
func readHeader(name string, in *bufio.Reader, size int64) (*header, error) {
	short := func(err error) error {
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return fmt.Errorf("%s ends within its header; copy it again", name)
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	fixed := make([]byte, 4+fixedHeaderLen-4)
	if _, err := io.ReadFull(in, fixed); err != nil {
		return nil, short(err)
	}
	offset, length := binary.LittleEndian.Uint32(fixed), binary.LittleEndian.Uint32(fixed[4:])
	if magic := string(fixed[16:20]); magic != "bgen" && magic != "\x00\x00\x00\x00" || length < fixedHeaderLen {
		return nil, fmt.Errorf("%s is not a BGEN file", name)
	}
	h := &header{variants: binary.LittleEndian.Uint32(fixed[8:]), samples: binary.LittleEndian.Uint32(fixed[12:]), first: 4 + int64(offset)}
	if length > offset || h.first > size {
		return nil, fmt.Errorf("%s: the header does not fit the file, which has %d bytes; copy it again", name, size)
	}
	if _, err := in.Discard(int(length - fixedHeaderLen)); err != nil {
		return nil, short(err)
	}
	if _, err := io.ReadFull(in, fixed[:4]); err != nil {
		return nil, short(err)
	}
	flags := binary.LittleEndian.Uint32(fixed)
	h.compression = flags & 3
	switch layout := flags >> 2 & 15; {
	case layout == 1:
		return nil, fmt.Errorf("%s is of BGEN 1.1 (layout 1); convert it with plink2 --bgen %s ref-first --sample FILE.sample --export bgen-1.2 ref-first --out NEW", name, name)
	case layout != layout2 || h.compression > zstandard:
		return nil, fmt.Errorf("%s has the flags %#x, which no version of BGEN up to 1.3 has; copy it again", name, flags)
	case h.samples == 0:
		return nil, fmt.Errorf("%s has no samples", name)
	}
	rest := int64(offset - length) // before the first variant
	if flags>>31 == 1 {
		read, err := h.readNames(name, in, rest)
		if err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				return nil, short(err)
			}
			return nil, err
		}
		rest -= read
	}
	if _, err := io.CopyN(io.Discard, in, rest); err != nil {
		return nil, short(err)
	}
	return h, nil
}

// readNames reads the samples' identifiers, of at most so many bytes.
func (h *header) readNames(name string, in *bufio.Reader, most int64) (int64, error) {
	damaged := fmt.Errorf("%s: the list of samples is damaged; copy the file again", name)
	var fixed [8]byte
	if _, err := io.ReadFull(in, fixed[:]); err != nil {
		return 0, err
	}
	length, n := int64(binary.LittleEndian.Uint32(fixed[:])), binary.LittleEndian.Uint32(fixed[4:])
	if length > most || n != h.samples || length < 8+2*int64(n) {
		return 0, damaged
	}
	h.names = make([]string, 0, n)
	left := length - 8
	for range n {
		if _, err := io.ReadFull(in, fixed[:2]); err != nil {
			return 0, err
		}
		size := int(binary.LittleEndian.Uint16(fixed[:]))
		if left -= 2 + int64(size); left < 0 {
			return 0, damaged
		}
		id := make([]byte, size)
		if _, err := io.ReadFull(in, id); err != nil {
			return 0, err
		}
		h.names = append(h.names, string(id))
	}
	if left != 0 {
		return 0, damaged
	}
	return length, nil
}
