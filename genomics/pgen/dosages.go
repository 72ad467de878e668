package pgen

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"genoveil/genomics"
)

// dosageOfCall are the dosages of the genotypes.
var dosageOfCall = [4]uint16{0, genomics.MaxDosage / 2, genomics.MaxDosage, genomics.MissingDosage}

// fourDosages are those of the four genotypes in a byte.
var fourDosages = func() (t [256][4]uint16) {
	for b := range t {
		for i := range 4 {
			t[b][i] = dosageOfCall[b>>(2*i)&3]
		}
	}
	return t
}()

// ofCalls gives each sample the dosage of its call.
func ofCalls(row genomics.Row, out genomics.DosageRow) {
	for ; len(out) >= 4; row, out = row[1:], out[4:] {
		*(*[4]uint16)(out) = fourDosages[row[0]]
	}
	if len(out) > 0 {
		copy(out, fourDosages[row[0]][:])
	}
}

// dosages reads the dosages behind the calls, if there are any, into out, unless that is
// nil. It passes over their phase.
func (d *decoder) dosages(k kind, c *cursor, out genomics.DosageRow) error {
	var err error
	var present []byte
	count := 0
	switch k & dosages {
	case 0:
		if k&hasDosagePhase != 0 {
			return errors.New("it has the phases of dosages, but no dosages")
		}
		return nil
	case dosagesOfList:
		if err := d.some.read(c, d.n, false); err != nil {
			return err
		}
		count = len(d.some.samples)
	case dosagesOfAll:
		count = d.n
	case dosagesOfBits:
		if present, err = c.take(bytesOf(d.n)); err != nil {
			return err
		}
		count = ones(present, d.n)
	}
	values, err := c.take(2 * count)
	if err != nil {
		return err
	}
	if k&hasDosagePhase != 0 {
		phased := d.n
		if k&dosages != dosagesOfAll {
			which, err := c.take(bytesOf(count))
			if err != nil {
				return err
			}
			phased = ones(which, count)
		}
		if _, err := c.take(2 * phased); err != nil {
			return err
		}
	}
	if out == nil {
		return nil
	}
	switch k & dosages {
	case dosagesOfList:
		for i, sample := range d.some.samples {
			if err := thousandths(values[2*i:], &out[sample]); err != nil {
				return err
			}
		}
	case dosagesOfAll:
		for i := range out {
			value := values[2*i:]
			if binary.LittleEndian.Uint16(value) == missing {
				continue // the call is missing, too
			}
			if err := thousandths(value, &out[i]); err != nil {
				return err
			}
		}
	case dosagesOfBits:
		return someThousandths(present, values, out)
	}
	return nil
}

// A stored dosage is a multiple of 1/16384.
const (
	one     = 1 << 14
	missing = 0xffff
)

// thousandths reads a dosage. It is rounded exactly, and a half (1024 stored, 0.0625, and
// what is a multiple of 0.125 more) up, as package vcf does.
func thousandths(value []byte, out *uint16) error {
	d := uint32(binary.LittleEndian.Uint16(value))
	if d > 2*one {
		return dosageError(d)
	}
	*out = uint16((d*1000 + one/2) / one)
	return nil
}

// someThousandths reads the dosages of the samples that are marked, as thousandths does.
// They are taken from words of 64 marks, and looked at for errors at the end: that takes
// half the time of one by one.
func someThousandths(present, values []byte, out []uint16) error {
	most := uint32(0)
	for len(out) > 0 {
		var word [8]byte
		present = present[copy(word[:], present):]
		part := out[:min(64, len(out))]
		out = out[len(part):]
		for marks := binary.LittleEndian.Uint64(word[:]); marks != 0; marks &= marks - 1 {
			i := bits.TrailingZeros64(marks)
			if i >= len(part) {
				break
			}
			d := uint32(binary.LittleEndian.Uint16(values))
			values = values[2:]
			most = max(most, d)
			part[i] = uint16((d*1000 + one/2) / one)
		}
	}
	if most > 2*one {
		return dosageError(most)
	}
	return nil
}

func dosageError(d uint32) error {
	return fmt.Errorf("a dosage is %d; the greatest allowed is %d", d, 2*one)
}
