package vcf

import (
	"bytes"
	"encoding/binary"

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

// readCalls reads n samples' calls, which are separated by n-1 tabs, into row.
// At the first bad call it returns the sample and what is wrong with it.
func readCalls(calls []byte, row genomics.Row, n int) (sample int, problem string) {
	clear(row)
	for i := range n {
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
		g, problem = readCall(calls[:end])
		if problem != "" {
			return i, problem
		}
		row[i>>2] |= g << (2 * uint(i&3))
		calls = calls[min(end+1, len(calls)):]
	}
	return 0, ""
}

// afterTab returns what follows the first tab, or nothing.
func afterTab(s []byte) []byte {
	return s[bytes.IndexByte(s, '\t')+1:]
}

// readCall reads one sample's call of any form: one or two alleles, each a dot
// or a number, up to the first colon.
func readCall(column []byte) (g genomics.Genotype, problem string) {
	alleles, missing, alt := 0, false, 0
	for i := 0; ; i++ {
		switch {
		case i < len(column) && column[i] == '.':
			missing = true
			i++
		default:
			first, index := i, 0
			for ; i < len(column) && '0' <= column[i] && column[i] <= '9'; i++ {
				index = min(10*index+int(column[i]-'0'), 2) // anything above 1 is wrong
			}
			if i == first {
				return 0, "is not a genotype"
			}
			if index > 1 {
				return 0, "names an allele that the record does not have"
			}
			alt += index
		}
		alleles++
		if i == len(column) || column[i] == ':' {
			break
		}
		if column[i] != '/' && column[i] != '|' {
			return 0, "is not a genotype"
		}
	}
	switch {
	case alleles > 2:
		return 0, "has more than two alleles; only haploid and diploid calls are read"
	case missing:
		return genomics.Missing, ""
	case alleles == 1:
		return byte(2 * alt), ""
	}
	return byte(alt), ""
}
