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
		return errors.New("its genotypes are stored in a way that genoveil does not know")
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
