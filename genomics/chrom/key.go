// Package chrom knows human chromosomes: their names as files spell them, their numbers in
// PLINK, and their order. It leaves other names as they are.
package chrom

import (
	"cmp"
	"strings"
)

// A Key is a chromosome, the same for all spellings of its name. It is 1 to 22 or one
// of the names below, 0 for what PLINK has without a place, and for any other contig
// its name.
type Key string

// Names of human chromosomes that are no numbers.
const (
	X    Key = "X"
	Y    Key = "Y"
	XY   Key = "XY" // pseudo-autosomal regions, where a file has them in one
	MT   Key = "MT"
	PAR1 Key = "PAR1"
	PAR2 Key = "PAR2"
)

// The numbers that PLINK gives to names.
const (
	numberX = 23 + iota
	numberY
	numberXY
	numberMT
)

// Parse returns the key of a name. Of human chromosomes, it does not matter whether chr
// stands before the name, whether X, Y, XY and MT are written as 23, 24, 25 and 26, MT as
// M, or a single character with 0 before it (PLINK's --output-chr 0M), nor in which case.
// Other contigs are told apart by case, as in PLINK, VCF and BAM.
func Parse(name string) Key {
	bare := Bare(name)
	switch {
	case strings.EqualFold(bare, string(PAR1)):
		return PAR1
	case strings.EqualFold(bare, string(PAR2)):
		return PAR2
	case len(bare) == 0 || len(bare) > 2:
		return Key(bare)
	}
	short := bare
	if len(short) == 2 && short[0] == '0' {
		short = short[1:]
	}
	switch strings.ToUpper(short) {
	case "X", "23":
		return X
	case "Y", "24":
		return Y
	case "XY", "25":
		return XY
	case "M", "MT", "26":
		return MT
	}
	if isNumber(short) && number(short) < numberX {
		return Key(short)
	}
	return Key(bare)
}

// Number returns PLINK's number, from 0 to 26, if the chromosome has one.
func (k Key) Number() (n int, ok bool) {
	switch k {
	case X:
		return numberX, true
	case Y:
		return numberY, true
	case XY:
		return numberXY, true
	case MT:
		return numberMT, true
	}
	if len(k) <= 2 && isNumber(string(k)) && number(string(k)) < numberX {
		return number(string(k)), true
	}
	return 0, false
}

// Compare orders chromosomes as PLINK does: by number, and contigs after them. The
// numbers in contigs' names count by value.
func (k Key) Compare(other Key) int {
	a, b := k.rank(), other.rank()
	if a != b || a < contigs {
		return cmp.Compare(a, b)
	}
	return cmp.Or(Natural(string(k), string(other)), cmp.Compare(k, other))
}

const contigs = numberMT + 3 // after PAR1 and PAR2

func (k Key) rank() int {
	switch k {
	case PAR1:
		return numberMT + 1
	case PAR2:
		return numberMT + 2
	}
	if n, ok := k.Number(); ok {
		return n
	}
	return contigs
}

// Bare returns a name without chr before it, in whatever case. The name chr itself stays,
// and so does one with chr twice.
func Bare(name string) string {
	if !prefixed(name) || prefixed(name[3:]) {
		return name
	}
	return name[3:]
}

func prefixed(name string) bool { return len(name) > 3 && strings.EqualFold(name[:3], "chr") }

// isNumber reports whether s is made of digits, at least one.
func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// number returns the value of one or two digits.
func number(s string) (n int) {
	for _, c := range []byte(s) {
		n = 10*n + int(c-'0')
	}
	return n
}
