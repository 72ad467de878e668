package vcf

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"genoveil/genomics"
)

// Three bytes of a call and the byte after it, as a little-endian word.
const (
	unphased = '0' | '/'<<8 | '0'<<16
	phased   = '0' | '|'<<8 | '0'<<16
	noDigits = 0x00fefffe // drops the bit in which '0' and '1' differ, and the byte after the call
)

// shortCall reads the call in the lower three bytes of a little-endian word if
// it is diploid, not missing and has no leading zeros.
func shortCall(word uint32) (genomics.Genotype, bool) {
	alleles := word & noDigits
	return byte(word&1 + word>>16&1), alleles == unphased || alleles == phased
}

// fourCalls reads calls by four, each four as a byte of the row, as long as
// shortCall reads each of them and each has a tab behind it. It returns the number
// of bytes of the row.
func fourCalls(calls []byte, row genomics.Row) int {
	const (
		both   = 1<<32 + 1
		format = (unphased | '\t'<<24) * both
		digits = 0x00010001 * both // the bits in which '0' and '1' differ
		slash  = 0x00000100 * both // one of the bits in which '/' and '|' differ
	)
	n := 0
	for ; len(calls) >= 16 && n < len(row); n++ {
		a, b := binary.LittleEndian.Uint64(calls)^format, binary.LittleEndian.Uint64(calls[8:])^format
		if (a|b)&^digits != 0 {
			// Not all are unphased.
			if a&^digits != a&slash*('/'^'|') || b&^digits != b&slash*('/'^'|') {
				break
			}
		}
		// Alleles stand at bits 0 and 16, 32 and 48 of a, and 4 further of b.
		a = a&digits | b&digits<<4
		a += a >> 16
		row[n] = byte(a | a>>30)
		calls = calls[16:]
	}
	return n
}

// readCalls reads n samples' calls, which are separated by n-1 tabs, into row, and calls
// odd for each that is odd. It returns the first bad one and its sample.
func readCalls(calls []byte, row genomics.Row, n int, half HalfCalls, odd func(kind callKind, sample int, call []byte)) (kind callKind, sample int, call []byte) {
	clear(row)
	for i := 0; i < n; i++ {
		if i&3 == 0 {
			fours := fourCalls(calls, row[i>>2:])
			calls = calls[16*fours:]
			i += 4 * fours
		}
		var g genomics.Genotype
		if len(calls) >= 4 {
			word := binary.LittleEndian.Uint32(calls)
			if call, ok := shortCall(word); ok {
				g = call
				switch byte(word >> 24) {
				case '\t':
					row[i>>2] |= g << (2 * uint(i&3))
					calls = calls[4:]
					continue
				case ':':
					row[i>>2] |= g << (2 * uint(i&3))
					calls = afterTab(calls[4:])
					continue
				}
			}
		}
		end := bytes.IndexByte(calls, '\t')
		if end < 0 {
			end = len(calls)
		}
		g, kind := readCall(calls[:end], half)
		switch {
		case kind.bad(half):
			return kind, i, calls[:end]
		case kind != usual:
			odd(kind, i, calls[:end])
		}
		row[i>>2] |= g << (2 * uint(i&3))
		calls = calls[min(end+1, len(calls)):]
	}
	return usual, 0, nil
}

// afterTab returns what follows the first tab, or nothing.
func afterTab(s []byte) []byte {
	return s[bytes.IndexByte(s, '\t')+1:]
}

// A callKind is what is odd about a call.
type callKind byte

const (
	usual callKind = iota
	manyAlleles
	halfCall
	noGenotype
	noSuchAllele
)

// bad says whether the record of the call cannot be read.
func (k callKind) bad(half HalfCalls) bool {
	return k >= noGenotype || k == halfCall && half == HalfError
}

// problem says what is wrong with a call.
func (k callKind) problem(column []byte) string {
	what := "is not a genotype"
	switch k {
	case noSuchAllele:
		what = "names an allele that the record does not have"
	case halfCall:
		what = "has one allele and lacks the other; say with --half-call what such calls are: missing, reference or haploid"
	}
	return fmt.Sprintf("call %q %s", callOf(column), what)
}

// readCall reads one sample's call of any form: alleles, each a dot or a number, up to
// the first colon. A call of more than two is missing.
func readCall(column []byte, half HalfCalls) (genomics.Genotype, callKind) {
	called, missing, alt := 0, 0, 0
	for i := 0; ; i++ {
		switch {
		case i < len(column) && column[i] == '.':
			missing++
			i++
		default:
			first, index := i, 0
			for ; i < len(column) && '0' <= column[i] && column[i] <= '9'; i++ {
				index = min(10*index+int(column[i]-'0'), 2) // anything above 1 is wrong
			}
			if i == first {
				return 0, noGenotype
			}
			if index > 1 {
				return 0, noSuchAllele
			}
			called++
			alt += index
		}
		if i == len(column) || column[i] == ':' {
			break
		}
		if column[i] != '/' && column[i] != '|' {
			return 0, noGenotype
		}
	}
	switch {
	case called == 0:
		return genomics.Missing, usual
	case called+missing > 2:
		return genomics.Missing, manyAlleles
	case missing > 0 && half == HalfReference:
		return byte(alt), halfCall
	case missing > 0 && half == HalfHaploid:
		return byte(2 * alt), halfCall
	case missing > 0:
		return genomics.Missing, halfCall
	case called == 1:
		return byte(2 * alt), usual
	}
	return byte(alt), usual
}
