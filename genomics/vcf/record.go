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
	chrom, id, ref, alt, format []byte
	calls                       []byte // all sample columns
	pos                         int
}

// splitLine cuts a line at its tabs and checks its shape.
func splitLine(line []byte, samples int) (rec record, err error) {
	want := len(fixedColumns) + samples
	if got := bytes.Count(line, []byte("\t")) + 1; got != want {
		return rec, fmt.Errorf("%d columns instead of the %d of the header", got, want)
	}
	var fields [9][]byte
	for i := range fields {
		fields[i], line, _ = bytes.Cut(line, []byte("\t"))
	}
	rec = record{chrom: fields[0], id: fields[2], ref: fields[3], alt: fields[4], format: fields[8], calls: line}
	switch {
	case len(rec.chrom) == 0:
		return rec, errors.New("CHROM is empty")
	case rec.chrom[0] == '#':
		return rec, errors.New("header line among the records; join files with bcftools concat")
	case len(rec.id) == 0:
		return rec, errors.New("ID is empty; write . for none")
	}
	var ok bool
	if rec.pos, ok = parsePos(fields[1]); !ok {
		return rec, fmt.Errorf("POS %q is not a whole number from 0 to %d", fields[1], math.MaxInt32)
	}
	return rec, nil
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
func (rec *record) gtPlace() (int, error) {
	place := keyPlace(rec.format, "GT")
	if place > 0 {
		return 0, fmt.Errorf("GT is not the first key of FORMAT %q, as VCF demands", rec.format)
	}
	return place, nil
}

// checkAlleles returns an error if REF or ALT is not a sequence.
func (rec *record) checkAlleles() error {
	for _, allele := range [][]byte{rec.ref, rec.alt} {
		if !isSequence(allele) {
			return fmt.Errorf("allele %q has letters other than A, C, G, T and N", allele)
		}
	}
	return nil
}

// variant returns the fixed columns. The string of the chromosome is chrom if
// that is its name.
func (rec *record) variant(chrom string) genomics.Variant {
	if string(rec.chrom) != chrom {
		chrom = string(rec.chrom)
	}
	return genomics.Variant{Chrom: chrom, Pos: rec.pos, ID: string(rec.id), Ref: string(rec.ref), Alt: string(rec.alt)}
}

// skipAlt says why a record with this ALT is passed over, or "".
func skipAlt(alt []byte) string {
	switch {
	case bytes.IndexByte(alt, ',') >= 0:
		return multiAllelic
	case string(alt) == ".":
		return noAlt
	case string(alt) == "*":
		return spanningDeletion
	case bytes.ContainsAny(alt, "<[]."): // a dot marks a single breakend: "A." or ".A"
		return symbolicAlt
	}
	return ""
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

func isSequence(allele []byte) bool {
	for _, c := range allele {
		switch c {
		case 'A', 'C', 'G', 'T', 'N', 'a', 'c', 'g', 't', 'n':
		default:
			return false
		}
	}
	return len(allele) > 0
}

// column returns a sample's column.
func column(calls []byte, sample int) []byte {
	for range sample {
		_, calls, _ = bytes.Cut(calls, []byte("\t"))
	}
	column, _, _ := bytes.Cut(calls, []byte("\t"))
	return column
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
