package pgen

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"genoveil/genomics"
)

// A kind is what the specification calls the type of a variant's record. Genotypes come
// first in a record, in categories that are those of a genomics.Genotype.
type kind uint16

const (
	mainTrack   kind = 7 // how genotypes are stored:
	plain       kind = 0 // two bits each
	oneBit      kind = 1 // one bit each for the two commonest categories
	difference  kind = 2 // as where they differ from those of an earlier record
	inverted    kind = 3 // the same with REF and ALT exchanged
	mostHomRef  kind = 4 // as those that are not the commonest
	mostHomAlt  kind = 6
	mostMissing kind = 7

	hasMoreAlleles kind = 1 << 3
	hasPhase       kind = 1 << 4
	dosages        kind = 3 << 5 // what dosages there are:
	dosagesOfList  kind = 1 << 5 // of the samples in a list
	dosagesOfAll   kind = 2 << 5
	dosagesOfBits  kind = 3 << 5 // of the samples whose bits are set
	hasDosagePhase kind = 1 << 7

	kindBed kind = 1 << 8 // of PLINK 1
)

// isDifference reports whether genotypes are stored as where they differ from those of
// the last record before that is not so.
func (k kind) isDifference() bool { return k&mainTrack&^1 == difference }

// longest is more than a biallelic variant's record has, with all tracks.
func longest(samples int) int64 { return 64 + 16*int64(samples) }

// A decoder decodes records of n samples.
type decoder struct {
	n      int
	differ difflist
	some   difflist
}

// genotypes reads the genotypes that begin a record. Base are those of the record that
// it refers to, if it does.
func (d *decoder) genotypes(k kind, c *cursor, row, base genomics.Row) error {
	if k == kindBed {
		codes, err := c.take(len(row))
		if err != nil {
			return err
		}
		for i, b := range codes {
			row[i] = fromBed(b)
		}
		d.clearPad(row)
		return nil
	}
	switch k & mainTrack {
	case plain:
		codes, err := c.take(len(row))
		if err != nil {
			return err
		}
		copy(row, codes)
	case oneBit:
		if err := d.oneBit(c, row); err != nil {
			return err
		}
		if err := d.patch(c, row); err != nil {
			return err
		}
	case difference, inverted:
		copy(row, base)
		if err := d.patch(c, row); err != nil {
			return err
		}
		if k&mainTrack == inverted {
			for i, b := range row {
				row[i] = b ^ ^b&0x55<<1
			}
		}
	case mostHomRef, mostHomAlt, mostMissing:
		fill := byte(k&3) * 0x55
		for i := range row {
			row[i] = fill
		}
		if err := d.patch(c, row); err != nil {
			return err
		}
	default:
		return errors.New("genotypes are stored in a way that is not known")
	}
	d.clearPad(row)
	return nil
}

// fromBed turns four genotypes of PLINK 1, 0 for two ALT alleles, 1 for a missing call,
// 2 for one ALT allele and 3 for none, into categories: 0 becomes 2, 1 3, 2 1 and 3 0.
func fromBed(b byte) byte {
	high, low := b>>1&0x55, b&0x55
	return (high^0x55)<<1 | high ^ low
}

// clearPad clears the bits behind the last sample.
func (d *decoder) clearPad(row genomics.Row) {
	if used := d.n & 3; used > 0 {
		row[len(row)-1] &= 1<<(2*used) - 1
	}
}

// spread has the bits of every byte at even places.
var spread = func() (t [256]uint16) {
	for b := range t {
		for i := range 8 {
			t[b] |= uint16(b) >> i & 1 << (2 * i)
		}
	}
	return t
}()

// oneBit reads genotypes of two categories.
func (d *decoder) oneBit(c *cursor, row genomics.Row) error {
	which, err := c.take(1)
	if err != nil {
		return err
	}
	low := uint16(which[0] >> 2)
	step := uint16(which[0] & 3) // to the higher category
	if low > 2 || step == 0 || low+step > 3 {
		return fmt.Errorf("the two commonest genotypes are given as %d, which is not known", which[0])
	}
	bitarray, err := c.take(bytesOf(d.n))
	if err != nil {
		return err
	}
	low *= 0x5555
	for ; len(row) >= 2; row, bitarray = row[2:], bitarray[1:] {
		binary.LittleEndian.PutUint16(row, low+step*spread[bitarray[0]])
	}
	if len(row) == 1 {
		row[0] = byte(low + step*spread[bitarray[0]])
	}
	return nil
}

// patch reads genotypes that are to replace some of the row.
func (d *decoder) patch(c *cursor, row genomics.Row) error {
	if err := d.differ.read(c, d.n, true); err != nil {
		return err
	}
	for i, sample := range d.differ.samples {
		row.Set(int(sample), d.differ.category(i))
	}
	return nil
}

// rest reads what follows the genotypes of a biallelic variant. Dosages are read into
// out unless that is nil. Phase is passed over.
func (d *decoder) rest(k kind, c *cursor, row genomics.Row, out genomics.DosageRow) error {
	if out != nil {
		ofCalls(row, out)
	}
	if k == kindBed {
		return atEnd(c)
	}
	if k&hasMoreAlleles != 0 {
		return errors.New("it has calls of a second ALT allele, which the variant does not have")
	}
	if k&hasPhase != 0 {
		if err := skipPhase(c, row.Count(d.n)[genomics.Het]); err != nil {
			return err
		}
	}
	if err := d.dosages(k, c, out); err != nil {
		return err
	}
	return atEnd(c)
}

func atEnd(c *cursor) error {
	if len(c.rest) > 0 {
		return fmt.Errorf("%d bytes follow its end", len(c.rest))
	}
	return nil
}

// skipPhase passes over the phase of so many heterozygous calls.
func skipPhase(c *cursor, hets int) error {
	if len(c.rest) == 0 {
		return errShort
	}
	phased := 1 + hets // and the bit that says that all are phased
	if c.rest[0]&1 == 1 {
		present, err := c.take(bytesOf(1 + hets))
		if err != nil {
			return err
		}
		phased = ones(present, 1+hets) - 1
	}
	_, err := c.take(bytesOf(phased))
	return err
}

// ones counts the first n bits that are set.
func ones(bitarray []byte, n int) int {
	set := 0
	for ; n >= 64; n -= 64 {
		set += bits.OnesCount64(binary.LittleEndian.Uint64(bitarray))
		bitarray = bitarray[8:]
	}
	for ; n > 0; n -= 8 {
		b := bitarray[0]
		if n < 8 {
			b &= 1<<n - 1
		}
		set += bits.OnesCount8(b)
		bitarray = bitarray[1:]
	}
	return set
}

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
			return errors.New("it has phases of dosages, and no dosages")
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
		for at, b := range present {
			for ; b != 0; b &= b - 1 {
				i := 8*at + bits.TrailingZeros8(b)
				if i >= d.n {
					break
				}
				if err := thousandths(values, &out[i]); err != nil {
					return err
				}
				values = values[2:]
			}
		}
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

func dosageError(d uint32) error {
	return fmt.Errorf("a dosage is %d, and the greatest is %d", d, 2*one)
}
