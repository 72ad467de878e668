package pgen

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Modes with extensions have some in the header, and a footer behind the records with
// others. What is in them is not looked at, but they have to be there as a whole.

// A footer begins at a place of the file and has some parts.
type footer struct {
	at    int64
	parts int
}

var errExtensions = errors.New("its extensions cannot be read; the file is damaged, copy it again")

// Flags have 256 bits at most, and there is a length for each that is set.
const (
	maxFlags      = 37 // bytes of a varint of 256 bits
	maxLengths    = 256 * binary.MaxVarintLen64
	maxExtensions = 2*maxFlags + 8 + maxLengths
)

// extensions reads how long the header's extensions are, which begin at a place of the
// file. It returns where they end, and what the footer is.
func (p part) extensions(at int64) (end int64, f footer, err error) {
	data, err := p.read(at, int(min(maxExtensions, p.size-at)))
	if err != nil {
		return 0, f, err
	}
	c := &cursor{data}
	headers, ok := flags(c)
	parts, ok2 := flags(c)
	if !ok || !ok2 {
		return 0, f, fmt.Errorf("%s: %w", p.name, errExtensions)
	}
	if f.parts = parts; parts > 0 {
		place, err := c.take(8)
		if err != nil {
			return 0, f, fmt.Errorf("%s: %w", p.name, errExtensions)
		}
		f.at = int64(binary.LittleEndian.Uint64(place))
	}
	bodies, ok := lengths(c, headers, p.size)
	if !ok {
		return 0, f, fmt.Errorf("%s: %w", p.name, errExtensions)
	}
	return at + int64(len(data)-len(c.rest)) + bodies, f, nil
}

// checkFooter checks that the footer begins behind the records and fills the file.
func (x *index) checkFooter(f footer) error {
	damaged := fmt.Errorf("%s: the footer does not fill the file behind the records, at byte %d; the file is damaged, copy it again", x.pgen.name, x.end)
	if f.at != x.end || f.at > x.pgen.size {
		return damaged
	}
	data, err := x.pgen.read(f.at, int(min(maxLengths, x.pgen.size-f.at)))
	if err != nil {
		return err
	}
	c := &cursor{data}
	bodies, ok := lengths(c, f.parts, x.pgen.size)
	if !ok || f.at+int64(len(data)-len(c.rest))+bodies != x.pgen.size {
		return damaged
	}
	return nil
}

// flags reads a varint of up to 256 bits and counts those that are set.
func flags(c *cursor) (set int, ok bool) {
	for i, b := range c.rest {
		for bit := range 7 {
			set += int(b >> bit & 1)
		}
		if b < 0x80 {
			c.rest = c.rest[i+1:]
			return set, set <= 256
		}
		if i+1 == maxFlags {
			break
		}
	}
	return 0, false
}

// lengths adds so many lengths, which come to no more than the most.
func lengths(c *cursor, count int, most int64) (sum int64, ok bool) {
	for range count {
		n, length := binary.Uvarint(c.rest)
		if length <= 0 || n > uint64(most) {
			return 0, false
		}
		c.rest = c.rest[length:]
		if sum += int64(n); sum > most {
			return 0, false
		}
	}
	return sum, true
}
