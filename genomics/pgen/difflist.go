package pgen

import (
	"encoding/binary"
	"errors"
)

var errShort = errors.New("the record ends early")

// A cursor reads a record from its begin to its end.
type cursor struct{ rest []byte }

// take returns the next n bytes.
func (c *cursor) take(n int) ([]byte, error) {
	if n > len(c.rest) {
		return nil, errShort
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken, nil
}

// varint reads a number of up to 32 bits, seven in each byte.
func (c *cursor) varint() (uint32, error) {
	if len(c.rest) > 0 && c.rest[0] < 0x80 {
		n := uint32(c.rest[0])
		c.rest = c.rest[1:]
		return n, nil
	}
	n, length := binary.Uvarint(c.rest)
	switch {
	case length == 0:
		return 0, errShort
	case length < 0 || n > 1<<32-1:
		return 0, errors.New("a number is too large")
	}
	c.rest = c.rest[length:]
	return uint32(n), nil
}

// A difflist names some samples, in ascending order, and possibly a category of each.
type difflist struct {
	samples    []uint32
	categories []byte // four to a byte
}

// groupSize is how many samples of a difflist are stored together.
const groupSize = 64

// read reads a list of some of n samples. The memory of an earlier one is used again.
func (d *difflist) read(c *cursor, n int, withCategories bool) error {
	d.samples, d.categories = d.samples[:0], nil
	count, err := c.varint()
	if err != nil || count == 0 {
		return err
	}
	if uint64(count) > uint64(n) {
		return errors.New("a list names more samples than there are")
	}
	length := int(count)
	groups := (length + groupSize - 1) / groupSize
	width := idWidth(n)
	firsts, err := c.take(groups * width)
	if err != nil {
		return err
	}
	sizes, err := c.take(groups - 1)
	if err != nil {
		return err
	}
	if withCategories {
		if d.categories, err = c.take((length + 3) / 4); err != nil {
			return err
		}
	}
	if length-groups > len(c.rest) {
		return errShort
	}
	last := -1
	for g := range groups {
		sample := littleEndian(firsts[g*width:][:width])
		if sample <= last {
			return errors.New("a list of samples is not ascending")
		}
		before := len(c.rest)
		d.samples = append(d.samples, uint32(sample))
		for range min(groupSize, length-g*groupSize) - 1 {
			step, err := c.varint()
			if err != nil {
				return err
			}
			if step == 0 {
				return errors.New("a list of samples is not ascending")
			}
			if sample += int(step); sample >= n {
				break
			}
			d.samples = append(d.samples, uint32(sample))
		}
		if sample >= n {
			return errors.New("a list names a sample beyond the last")
		}
		if g < groups-1 && before-len(c.rest) != groupSize-1+int(sizes[g]) {
			return errors.New("a group of a list does not have the size that it states")
		}
		last = sample
	}
	return nil
}

// idWidth is how many bytes the number of one of n samples takes.
func idWidth(n int) int {
	switch {
	case n <= 1<<8:
		return 1
	case n <= 1<<16:
		return 2
	case n <= 1<<24:
		return 3
	}
	return 4
}

// category returns the category of the i-th sample of the list.
func (d *difflist) category(i int) byte { return d.categories[i>>2] >> (2 * uint(i&3)) & 3 }
