package bam

import (
	"encoding/binary"

	"github.com/biogo/hts/sam"
	"github.com/zeebo/xxh3"
)

// A record is an alignment as it stands in the file (SAM specification, section
// 4.2). Its slices point into the reader's buffer.
type record struct {
	ref, pos int // number of the contig, or -1; 0-based position
	flags    sam.Flags
	mapQ     byte
	name     []byte
	cigar    []byte // of four bytes an operation
	seq      []byte // of two bases a byte
	quality  []byte // of one byte a base
}

// fixed is how many bytes of a record have the same meaning in all, with the four
// that tell the size of what follows them.
const fixed = 36

// maxRecord bounds the rest: 64 MB hold a read of 4 million bases, more than any yet,
// with 14 bytes of tags for each. Where there is no record at all, as an index of
// another file leads to any byte, it bounds the memory.
const maxRecord = 1 << 26

// parseFixed reads the fixed part of a record, of a file with refs contigs, and where
// in the rest of the record the fields of variable length end. It returns false if the
// record contradicts itself.
func parseFixed(b []byte, refs int) (r record, ends fieldEnds, ok bool) {
	word := func(at int) int { return int(int32(binary.LittleEndian.Uint32(b[at:]))) }
	r = record{
		ref: word(4), pos: word(8),
		flags: sam.Flags(binary.LittleEndian.Uint16(b[18:])), mapQ: b[13],
	}
	bases := word(20)
	ends.name = int(b[12])
	ends.cigar = ends.name + 4*int(binary.LittleEndian.Uint16(b[16:]))
	ends.seq = ends.cigar + (bases+1)/2
	ends.quality = ends.seq + bases
	ends.all = word(0) - (fixed - 4)
	ok = -1 <= r.ref && r.ref < refs && r.pos >= -1 && ends.name > 0 && bases >= 0 && ends.quality <= ends.all
	return r, ends, ok
}

// fieldEnds are places behind the fixed part of a record. Between the last two are tags.
type fieldEnds struct{ name, cigar, seq, quality, all int }

// setFields reads the rest of a record.
func (r *record) setFields(b []byte, ends fieldEnds) {
	r.name = b[:ends.name-1] // without the zero behind it
	r.cigar = b[ends.name:ends.cigar]
	r.seq = b[ends.cigar:ends.seq]
	r.quality = b[ends.seq:ends.quality]
}

// unusable reports whether a read is left out, and the reason.
func (r *record) unusable(minMapQ int) (reason int, yes bool) {
	switch {
	case r.flags&sam.Unmapped != 0:
		return unmapped, true
	case r.flags&(sam.Secondary|sam.QCFail|sam.Duplicate|sam.Supplementary) != 0:
		return flagged, true
	case int(r.mapQ) < minMapQ:
		return poorMapping, true
	case len(r.quality) == 0, len(r.cigar) == 0:
		return noBases, true
	case r.quality[0] == 0xff:
		return noQuality, true
	case isPlaceholder(r.cigar, len(r.quality)):
		return longCigar, true
	}
	return 0, false
}

// readID identifies the two mates of a pair. 0 stands for a read that has no mate.
// Where a record says that its mate begins (RNEXT, PNEXT) is not looked at: programs that
// move reads leave it as it was.
func (r *record) readID() uint64 {
	if r.flags&sam.Paired == 0 || r.flags&sam.MateUnmapped != 0 {
		return 0
	}
	return max(1, xxh3.Hash(r.name))
}

// base returns the base at a place of the sequence, 0 to 3 for A, C, G and T.
// Where the sequence has =, which stands for the base of the reference, it returns
// sameAsRef, and noBase where it has an ambiguous base.
func (r *record) base(at int) byte {
	return baseOf[r.seq[at>>1]>>(4-4*uint(at&1))&15]
}

const (
	noBase    = 4
	sameAsRef = 5
)

// baseOf decodes =ACMGRSVTWYHKDBN.
var baseOf = [16]byte{sameAsRef, 0, 1, noBase, 2, noBase, noBase, noBase, 3, noBase, noBase, noBase, noBase, noBase, noBase, noBase}
