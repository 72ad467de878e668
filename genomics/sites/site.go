package sites

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"genoveil/genomics"
)

// A Site is a biallelic SNV. Chrom, ID, Ref and Alt are spelled as in the file.
type Site struct {
	genomics.Variant

	// Frequency is that of ALT (INFO/AF), 0 to 1, or NaN where the file has
	// none.
	Frequency float64
}

// columns is how many columns of a line are looked at: CHROM to INFO.
const columns = 8

// skipAlleles says why a record with these alleles is passed over, or "".
func skipAlleles(ref, alt []byte) string {
	reason := genomics.SkipAlt(string(alt))
	switch {
	case reason != "":
		return reason
	case bytes.EqualFold(ref, alt):
		return genomics.NoAlt
	case !genomics.IsSequence(ref), !genomics.IsSequence(alt):
		return genomics.OddAlleles
	case len(ref) > 1, len(alt) > 1:
		return indel
	case Base(ref[0]) == NoBase, Base(alt[0]) == NoBase:
		return unknownBase
	}
	return ""
}

// Base is the number of a base, 0 to 3 for A, C, G and T in either case, or
// NoBase.
func Base(letter byte) byte {
	switch letter {
	case 'A', 'a':
		return 0
	case 'C', 'c':
		return 1
	case 'G', 'g':
		return 2
	case 'T', 't':
		return 3
	}
	return NoBase
}

// NoBase is what stands for anything but A, C, G and T.
const NoBase = 4

// frequency reads AF from INFO. NaN stands for none.
func frequency(info []byte) (float64, error) {
	for len(info) > 0 {
		var field []byte
		field, info, _ = bytes.Cut(info, []byte(";"))
		value, ok := bytes.CutPrefix(field, []byte("AF="))
		if !ok {
			continue
		}
		if string(value) == "." {
			break
		}
		f, err := strconv.ParseFloat(string(value), 64)
		if err != nil || !(f >= 0 && f <= 1) {
			return 0, fmt.Errorf("%.20q is not a number from 0 to 1", value)
		}
		return f, nil
	}
	return math.NaN(), nil
}

// position reads POS: 1 to the greatest that BAM and VCF can hold.
func position(digits []byte) (int, bool) {
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
	return pos, 1 <= pos && pos <= math.MaxInt32
}
