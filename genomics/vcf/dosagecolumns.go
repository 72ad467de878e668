package vcf

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"genoveil/genomics"
)

// dosageColumns says where the samples' columns of a record have what.
type dosageColumns struct {
	hasGT bool   // in the first place
	field string // one of DosageFields
	place int    // of the field, or absent
	ds    int    // place of DS, which is read where HDS is missing, or absent
	half  HalfCalls
}

// dosageOfCall are the dosages of the genotypes.
var dosageOfCall = [4]uint16{0, genomics.MaxDosage / 2, genomics.MaxDosage, genomics.MissingDosage}

// A badColumn is a call that cannot be read.
type badColumn struct {
	kind   callKind
	column []byte
}

// read reads n samples' dosages, whose columns are separated by n-1 tabs, into row. It
// calls odd for each that is read for something else than it is: an odd call, or, with
// the kind usual, a call that stands for a missing dosage. At the first bad column it
// returns the sample and what is wrong with its call, or the error of its dosage.
func (c *dosageColumns) read(calls []byte, row genomics.DosageRow, n int, odd func(kind callKind, sample int, column []byte)) (sample int, bad badColumn, err error) {
	short := c.hasGT && c.field == "DS" && c.place == 1
	for i := range n {
		if short && len(calls) >= shortColumn {
			if d, length := shortDosage(calls); length > 0 {
				row[i] = d
				calls = calls[length:]
				continue
			}
		}
		column := calls
		if end := bytes.IndexByte(calls, '\t'); end >= 0 {
			column, calls = calls[:end], calls[end+1:]
		}
		var kind callKind
		if row[i], kind, err = c.readColumn(column, i, odd); kind != usual || err != nil {
			return i, badColumn{kind, column}, err
		}
	}
	return 0, bad, nil
}

// readColumn reads a sample's column, or says what is wrong with its call.
func (c *dosageColumns) readColumn(column []byte, sample int, odd func(kind callKind, sample int, column []byte)) (d uint16, bad callKind, err error) {
	d, kind, asCall, err := c.dosage(column)
	switch {
	case err != nil:
		return 0, usual, err
	case kind >= noGenotype || asCall && kind.bad(c.half):
		return 0, kind, nil
	case asCall && (kind != usual || d != genomics.MissingDosage):
		odd(kind, sample, column)
	}
	return d, usual, nil
}

// shortColumn is the length of 0|1:0.123 and of the byte after it.
const shortColumn = 10

// shortDosage reads a column that begins with a call that shortCall reads and a
// DS of three decimals at most. It returns the number of bytes up to the next
// column, or 0 if the column is another or the last. The text has at least
// shortColumn bytes.
func shortDosage(text []byte) (d uint16, length int) {
	word := binary.LittleEndian.Uint32(text)
	if _, ok := shortCall(word); !ok || word>>24 != ':' || text[4]-'0' > 9 {
		return 0, 0
	}
	d = 1000 * uint16(text[4]-'0')
	length = 5
	if text[5] == '.' {
		length = 6
		for unit := uint16(100); unit > 0 && text[length]-'0' <= 9; unit /= 10 {
			d += unit * uint16(text[length]-'0')
			length++
		}
	}
	if d > genomics.MaxDosage {
		return 0, 0
	}
	switch text[length] {
	case '\t':
		return d, length + 1
	case ':':
		if tab := bytes.IndexByte(text[length:], '\t'); tab >= 0 {
			return d, length + tab + 1
		}
	}
	return 0, 0
}

// dosage reads a sample's column, and says what its call is like and whether the
// dosage is that of the call.
func (c *dosageColumns) dosage(column []byte) (d uint16, kind callKind, asCall bool, err error) {
	call, haploid := genomics.Missing, false
	if c.hasGT {
		if call, haploid, kind = readPloidy(column, c.half); kind >= noGenotype {
			return 0, kind, false, nil
		}
	}
	if kind == manyAlleles {
		return genomics.MissingDosage, kind, true, nil // whose dosage is up to three or more
	}
	field, value, ok := c.field, []byte(nil), false
	if value, ok = valueAt(column, c.place); !ok || isMissing(value) {
		field = "DS"
		if value, ok = valueAt(column, c.ds); !ok || isMissing(value) {
			return dosageOfCall[call], kind, true, nil
		}
	}
	switch field {
	case "GP":
		d, err = readProbabilities(value, haploid)
	case "HDS":
		d, err = readHaplotypes(value, haploid)
	default:
		d, err = readDS(value, haploid)
	}
	return d, kind, false, err
}

// readPloidy reads the call that begins a column, and whether it is haploid.
func readPloidy(column []byte, half HalfCalls) (g genomics.Genotype, haploid bool, kind callKind) {
	if len(column) >= 4 && column[3] == ':' {
		if g, ok := shortCall(binary.LittleEndian.Uint32(column)); ok {
			return g, false, usual
		}
	}
	g, kind = readCall(column, half)
	call, _, _ := bytes.Cut(column, []byte(":"))
	return g, !bytes.ContainsAny(call, "/|"), kind
}

// valueAt returns the value at a place of a column. Values may be left off at
// the column's end.
func valueAt(column []byte, place int) ([]byte, bool) {
	if place == absent {
		return nil, false
	}
	for range place {
		colon := bytes.IndexByte(column, ':')
		if colon < 0 {
			return nil, false
		}
		column = column[colon+1:]
	}
	if colon := bytes.IndexByte(column, ':'); colon >= 0 {
		column = column[:colon]
	}
	return column, true
}

// isMissing reports whether a value is a dot, or dots with commas between them.
func isMissing(value []byte) bool {
	if len(value)%2 == 0 {
		return false
	}
	for i, c := range value {
		if c != ".,"[i%2] {
			return false
		}
	}
	return true
}

// readDS reads a dosage.
func readDS(value []byte, haploid bool) (uint16, error) {
	// To round twice the number exactly it suffices to know the number itself
	// rounded to 10⁻⁴: the bounds between thousandths of the double are odd
	// multiples of 2.5·10⁻⁴, and those are bounds of that rounding as well.
	places, highest := 3, 2
	if haploid {
		places, highest = 4, 1
	}
	d, negative, ok := decimal(value, places)
	if !ok {
		return 0, fmt.Errorf("DS %q is not a number", shorten(value))
	}
	if haploid {
		d = (2*d + 5) / 10
	}
	if d > genomics.MaxDosage || negative && d > 0 {
		ploidy := "diploid"
		if haploid {
			ploidy = "haploid"
		}
		return 0, fmt.Errorf("DS %q is not from 0 to %d, the range of a %s call", shorten(value), highest, ploidy)
	}
	return uint16(d), nil
}

// readHaplotypes reads the dosages of one or two haplotypes. As in PLINK 2, a lone one
// counts twice, whatever the call.
func readHaplotypes(values []byte, haploid bool) (uint16, error) {
	first, second, two := bytes.Cut(values, []byte(","))
	if two && haploid {
		return 0, fmt.Errorf("HDS %q is not the one dosage of a haploid call", shorten(values))
	}
	sum := int64(0) // in parts of a thousand million
	for _, value := range [][]byte{first, second} {
		if value == nil {
			continue
		}
		d, negative, ok := decimal(value, probabilityPlaces)
		if !ok || d > certain || negative && d > 0 {
			return 0, fmt.Errorf("HDS %q: %q is not a number from 0 to 1", shorten(values), shorten(value))
		}
		sum += d
	}
	if !two {
		sum *= 2
	}
	return uint16((sum + certain/2000) / (certain / 1000)), nil
}

// Probabilities are read in parts of a thousand million. Three of one decimal
// each, and therefore of more, sum to 0.9 to 1.1 if they are roundings of
// numbers that sum to 1.
const (
	probabilityPlaces = 9
	certain           = int64(1e9)
	leastSum          = certain * 9 / 10
	greatestSum       = certain * 11 / 10
)

// readProbabilities makes a dosage from the probabilities of the three
// genotypes, or from those of the two alleles of a haploid call.
func readProbabilities(values []byte, haploid bool) (uint16, error) {
	ploidy := int64(2)
	if haploid {
		ploidy = 1
	}
	sum, alt := int64(0), int64(0) // alt is the sum of the probabilities times ALT alleles
	rest, more := values, true
	for alleles := int64(0); alleles <= ploidy; alleles++ {
		if !more {
			return 0, countError(values, ploidy)
		}
		var value []byte
		value, rest, more = bytes.Cut(rest, []byte(","))
		p, negative, ok := decimal(value, probabilityPlaces)
		if !ok || p > certain || negative && p > 0 {
			return 0, fmt.Errorf("GP %q: %q is not a number from 0 to 1", shorten(values), shorten(value))
		}
		sum += p
		alt += alleles * p
	}
	switch {
	case more:
		return 0, countError(values, ploidy)
	case sum == 0:
		return genomics.MissingDosage, nil
	case sum < leastSum || sum > greatestSum:
		return 0, fmt.Errorf("GP %q sums to %v instead of 1", shorten(values), float64(sum)/float64(certain))
	}
	// Rounded to the nearest, a half up: ⌊x/y + ½⌋ = ⌊(2x + y)/2y⌋.
	return uint16((2*genomics.MaxDosage*alt + ploidy*sum) / (2 * ploidy * sum)), nil
}

func countError(values []byte, ploidy int64) error {
	if ploidy == 1 {
		return fmt.Errorf("GP %q is not the two probabilities of a haploid call", shorten(values))
	}
	return fmt.Errorf("GP %q is not the three probabilities of a diploid call", shorten(values))
}
