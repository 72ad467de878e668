package bam

import (
	"encoding/binary"

	"github.com/biogo/hts/sam"
)

// op reads an operation of a CIGAR, and its length.
func op(cigar []byte) (sam.CigarOpType, int) {
	word := sam.CigarOp(binary.LittleEndian.Uint32(cigar))
	return word.Type(), word.Len()
}

// spans returns how many bases of the reference and of the read a CIGAR covers,
// or false if it has an operation that the specification does not know. (The B of
// Complete Genomics is not in it.)
func spans(cigar []byte) (reference, read int, ok bool) {
	for ; len(cigar) >= 4; cigar = cigar[4:] {
		kind, n := op(cigar)
		switch kind {
		case sam.CigarMatch, sam.CigarEqual, sam.CigarMismatch:
			reference += n
			read += n
		case sam.CigarInsertion, sam.CigarSoftClipped:
			read += n
		case sam.CigarDeletion, sam.CigarSkipped:
			reference += n
		case sam.CigarHardClipped, sam.CigarPadded:
		default:
			return 0, 0, false
		}
	}
	return reference, read, true
}

// isPlaceholder reports whether the CIGAR stands in place of one with more than
// 65,535 operations, which the tag CG has (SAM specification, section 4.2.2): the
// whole read clipped, then the whole alignment skipped.
func isPlaceholder(cigar []byte, bases int) bool {
	if len(cigar) != 8 {
		return false
	}
	clip, n := op(cigar)
	skip, _ := op(cigar[4:])
	return clip == sam.CigarSoftClipped && n == bases && skip == sam.CigarSkipped
}

// A hit is a base of a read that is aligned to a site.
type hit struct {
	site int // index of the site
	at   int // place in the read
}

// walk appends the sites, from the index first on, to which an alignment that
// begins at pos has a base. positions are the sites', ascending; several may be
// equal. The CIGAR must be one that spans takes.
func walk(hits []hit, cigar []byte, pos int, positions []int32, first int) []hit {
	at := 0
	for i := first; len(cigar) >= 4; cigar = cigar[4:] {
		kind, n := op(cigar)
		switch kind {
		case sam.CigarMatch, sam.CigarEqual, sam.CigarMismatch:
			for ; i < len(positions) && int(positions[i]) < pos+n; i++ {
				if p := int(positions[i]); p >= pos {
					hits = append(hits, hit{i, at + p - pos})
				}
			}
			pos += n
			at += n
		case sam.CigarInsertion, sam.CigarSoftClipped:
			at += n
		case sam.CigarDeletion, sam.CigarSkipped:
			pos += n
			for i < len(positions) && int(positions[i]) < pos {
				i++
			}
		}
	}
	return hits
}
