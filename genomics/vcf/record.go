package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"genoveil/genomics"
)

// A record is a line cut into the columns that matter. Its slices point into
// the line.
type record struct {
	chrom, id, ref, alt, info, format []byte
	calls                             []byte // all sample columns
	pos                               int
}

// splitLine cuts a line at its tabs and checks its shape. Of odd records, which are
// passed over, it says why. tab is whether the line has a tab too many at its end,
// which PLINK and bcftools read over, too.
func splitLine(line []byte, samples int) (rec record, tab bool, odd oddity, err error) {
	if len(line) > 0 && line[0] == '#' {
		return rec, false, odd, errors.New("header line among the records; join files with bcftools concat")
	}
	want := len(fixedColumns) + samples
	got := bytes.Count(line, []byte("\t")) + 1
	if got == want+1 && line[len(line)-1] == '\t' {
		line, got, tab = line[:len(line)-1], want, true
	}
	switch {
	case len(line) == 0:
		return rec, false, odd, errors.New("the line is empty; delete it")
	case got != want:
		return rec, false, odd, fmt.Errorf("%d columns instead of the %d of the header", got, want)
	}
	var fields [9][]byte
	for i := range fields {
		fields[i], line, _ = bytes.Cut(line, []byte("\t"))
	}
	rec = record{chrom: fields[0], id: fields[2], ref: fields[3], alt: fields[4], info: fields[7], format: fields[8], calls: line}
	var ok bool
	rec.pos, ok = parsePos(fields[1])
	switch {
	case len(rec.chrom) == 0:
		odd = oddity{genomics.OddPlace, "CHROM is empty"}
	case !ok:
		odd = oddity{genomics.OddPlace, fmt.Sprintf("POS %q is not a whole number from 0 to %d", shorten(fields[1]), math.MaxInt32)}
	case len(rec.id) == 0:
		odd = oddity{genomics.OddPlace, "ID is empty"}
	case bytes.IndexByte(rec.chrom, ' ') >= 0:
		odd = oddity{genomics.OddPlace, fmt.Sprintf("CHROM %q has a blank", shorten(rec.chrom))}
	case bytes.IndexByte(rec.id, ' ') >= 0:
		odd = oddity{genomics.OddPlace, fmt.Sprintf("ID %q has a blank", shorten(rec.id))}
	}
	return rec, tab, odd, nil
}

// parsePos reads a position. VCF allows 0 for a telomere, and 32 bits.
func parsePos(digits []byte) (int, bool) {
	if len(digits) == 0 || len(digits) > 10 {
		return 0, false
	}
	pos := 0
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		pos = 10*pos + int(c-'0')
	}
	return pos, pos <= math.MaxInt32
}

// gtPlace returns the place of GT in FORMAT, which has to be the first if it is
// there at all.
func (rec *record) gtPlace() (int, oddity) {
	place := keyPlace(rec.format, "GT")
	if place > 0 {
		return 0, oddity{lateGT, fmt.Sprintf("FORMAT is %q", shorten(rec.format))}
	}
	return place, oddity{}
}

// checkAlleles says whether REF or ALT is not a sequence.
func (rec *record) checkAlleles() oddity {
	for _, allele := range [][]byte{rec.ref, rec.alt} {
		if !genomics.IsSequence(allele) {
			return oddity{genomics.OddAlleles, fmt.Sprintf("%q", shorten(allele))}
		}
	}
	return oddity{}
}

// variant returns the fixed columns. The string of the chromosome is chrom if
// that is its name.
func (rec *record) variant(chrom string) genomics.Variant {
	if string(rec.chrom) != chrom {
		chrom = string(rec.chrom)
	}
	return genomics.Variant{Chrom: chrom, Pos: rec.pos, ID: string(rec.id), Ref: string(rec.ref), Alt: string(rec.alt)}
}

const absent = -1

// keyPlace returns the index of a key in FORMAT, or absent.
func keyPlace(format []byte, key string) int {
	for i := 0; ; i++ {
		first, rest, more := bytes.Cut(format, []byte(":"))
		if string(first) == key {
			return i
		}
		if !more {
			return absent
		}
		format = rest
	}
}

// callOf returns the GT part of a sample's column, shortened to what fits a
// message.
func callOf(column []byte) string {
	call, _, _ := bytes.Cut(column, []byte(":"))
	return shorten(call)
}

func shorten(text []byte) string {
	if len(text) > 20 {
		return string(text[:20]) + "…"
	}
	return string(text)
}
