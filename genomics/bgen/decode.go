package bgen

import (
	"encoding/binary"
	"errors"
	"fmt"

	"genoveil/genomics"
)

// otherPloidy is a reason for passing over a variant.
const otherPloidy = "samples with more than two alleles"

// Bits of the byte of a sample that says how many alleles it has.
const (
	ploidyBits  = 0x3f
	missingCall = 0x80
)

// A scale makes of an ALT dosage, given as a number of parts, what a row has of it.
type scale struct {
	one     uint32   // parts of one allele
	refLast bool     // dosages are those of REF
	round   rounding // to what the row has
	table   []uint16 // of the rounded dosages, where they are few
}

// A rounding makes of a dosage of so many parts of one allele what a row has.
type rounding func(parts, one uint64) uint16

// thousandths rounds a dosage to a thousandth. A half cannot come: one is odd, as it is a
// power of two less one.
func thousandths(parts, one uint64) uint16 { return uint16((2000*parts + one) / (2 * one)) }

// call makes the call of a dosage: of the nearest whole number, and missing if that is
// farther than 0.1, as PLINK 2 does by default (--hard-call-threshold). It rounds the
// dosage to 1/16384 before, as PLINK does: for 18 bits and more that moves the bound by
// a hair.
func call(parts, one uint64) uint16 {
	const whole, farthest = 1 << 14, 1638 // 0.1·16384, cut off
	d := (2*whole*parts + one) / (2 * one)
	nearest := (d + whole/2) / whole
	if d > nearest*whole+farthest || d+farthest < nearest*whole {
		return uint16(genomics.Missing)
	}
	return uint16(nearest)
}

// tableBits are the bits of probabilities for which a table is worth it.
const tableBits = 8

// set sets the number of bits of a probability.
func (s *scale) set(width int) {
	one := uint32(1<<width - 1)
	if s.one == one {
		return
	}
	s.one, s.table = one, s.table[:0]
	if width > tableBits {
		return
	}
	for parts := range uint64(2*one + 1) {
		s.table = append(s.table, s.round(s.turn(parts), uint64(one)))
	}
}

// turn makes the dosage that of the other allele, if need be.
func (s *scale) turn(parts uint64) uint64 {
	if s.refLast {
		return 2*uint64(s.one) - parts
	}
	return parts
}

// of returns what a row has of a dosage of the second allele.
func (s *scale) of(parts uint64) uint16 {
	if len(s.table) > 0 {
		return s.table[parts]
	}
	return s.round(s.turn(parts), uint64(s.one))
}

// A decoder decodes the data of variants of n samples, into a value for each.
type decoder struct {
	n      int
	absent uint16 // the value of a sample without a call
	scale  scale
	padded []byte // the probabilities, and zeros behind them
}

var errSum = errors.New("its probabilities sum to more than 1; the file is damaged, copy it again")

// decode decodes a biallelic variant's data into out. Of data that are too long for
// diploid and haploid samples it gets the begin alone. It returns why the variant is
// passed over, or "".
func (d *decoder) decode(data []byte, whole bool, out []uint16) (skip string, err error) {
	if len(data) < dataHeaderLen {
		return "", fmt.Errorf("its data have %d bytes; the file is damaged, copy it again", len(data))
	}
	if n := binary.LittleEndian.Uint32(data); uint64(n) != uint64(d.n) {
		return "", fmt.Errorf("its data are of %d samples, and the file has %d; the file is damaged, copy it again", n, d.n)
	}
	if k := binary.LittleEndian.Uint16(data[4:]); k != 2 {
		return "", fmt.Errorf("its data are of %d alleles instead of 2; the file is damaged, copy it again", k)
	}
	least, greatest := data[6], data[7]
	if least > greatest || greatest > ploidyBits {
		return "", fmt.Errorf("its samples have %d to %d alleles; the file is damaged, copy it again", least, greatest)
	}
	if greatest > 2 {
		return otherPloidy, nil
	}
	if !whole {
		return "", errors.New("its data are too long for the samples; the file is damaged, copy it again")
	}
	ploidies := data[8:]
	if len(ploidies) < d.n+2 {
		return "", errors.New("its data end early; copy the file again")
	}
	ploidies, data = ploidies[:d.n], ploidies[d.n:]
	phased, width := data[0], int(data[1])
	if phased > 1 || width < 1 || width > 32 {
		return "", fmt.Errorf("its probabilities have %d bits, and its phase flag is %d; the file is damaged, copy it again", width, phased)
	}
	alleles := 0
	for i, p := range ploidies {
		p &= ploidyBits
		if p < least || p > greatest {
			return "", fmt.Errorf("sample %d has %d alleles, and not %d to %d; the file is damaged, copy it again", i+1, p, least, greatest)
		}
		alleles += int(p)
	}
	if want := (alleles*width + 7) / 8; len(data) != 2+want {
		return "", fmt.Errorf("its probabilities have %d bytes instead of %d; the file is damaged, copy it again", len(data)-2, want)
	}
	d.scale.set(width)
	if width == 8 && phased == 0 && least == 2 {
		return "", d.bytes(ploidies, data[2:], out)
	}
	return "", d.bits(ploidies, data[2:], phased == 1, uint(width), out)
}

// bytes decodes what most files have: diploid samples with the probabilities of the first
// two genotypes in a byte each.
func (d *decoder) bytes(ploidies, data []byte, out []uint16) error {
	table := d.scale.table
	for i, p := range ploidies {
		if p&missingCall != 0 {
			out[i] = d.absent
			continue
		}
		first, second := int(data[2*i]), int(data[2*i+1])
		if first+second > 255 {
			return sumError(i)
		}
		out[i] = table[510-2*first-second]
	}
	return nil
}

func sumError(sample int) error { return fmt.Errorf("sample %d: %w", sample+1, errSum) }

// bits decodes probabilities of any number of bits.
func (d *decoder) bits(ploidies, data []byte, phased bool, width uint, out []uint16) error {
	d.padded = append(append(d.padded[:0], data...), 0, 0, 0, 0, 0, 0, 0, 0)
	one := uint64(d.scale.one)
	at := uint(0)
	next := func() uint64 {
		p := binary.LittleEndian.Uint64(d.padded[at>>3:]) >> (at & 7) & one
		at += width
		return p
	}
	for i, p := range ploidies {
		if p&ploidyBits == 0 { // of Y, for one who has none; nothing is stored
			out[i] = d.absent
			continue
		}
		first := next()
		parts := 2 * (one - first)
		if p&ploidyBits == 2 {
			second := next()
			if phased {
				parts = one - first + one - second
			} else if p&missingCall == 0 && first+second > one {
				return sumError(i)
			} else {
				parts -= second
			}
		}
		if p&missingCall != 0 {
			out[i] = d.absent
			continue
		}
		out[i] = d.scale.of(parts)
	}
	return nil
}
