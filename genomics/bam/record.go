package bam

import (
	"encoding/binary"

	"github.com/biogo/hts/sam"
	"github.com/zeebo/xxh3"
)

// A record is an alignment as it stands in the file (SAM specification, section
// 4.2). Its slices point into the reader's buffer.
type record struct {
	ref, pos         int // number of the contig, or -1; 0-based position
	mateRef, matePos int
	flags            sam.Flags
	mapQ             byte
	name             []byte
	cigar            []byte // of four bytes an operation
	seq              []byte // of two bases a byte
	quality          []byte // of one byte a base
}

// fixed is the size of a record without what has a variable length.
const fixed = 32

// parseRecord reads a record without the block size before it, from a file with refs
// contigs. It returns false if the record contradicts itself.
func parseRecord(b []byte, refs int) (r record, ok bool) {
	if len(b) < fixed {
		return r, false
	}
	word := func(at int) int { return int(int32(binary.LittleEndian.Uint32(b[at:]))) }
	names, ops, bases := int(b[8]), int(binary.LittleEndian.Uint16(b[12:])), word(16)
	r = record{
		ref: word(0), pos: word(4), mateRef: word(20), matePos: word(24),
		flags: sam.Flags(binary.LittleEndian.Uint16(b[14:])), mapQ: b[9],
	}
	switch {
	case r.ref < -1, r.ref >= refs, r.pos < -1, names == 0, bases < 0,
		fixed+names+4*ops+(bases+1)/2+bases > len(b):
		return r, false
	}
	b = b[fixed:]
	r.name, b = b[:names-1], b[names:]
	r.cigar, b = b[:4*ops], b[4*ops:]
	r.seq, b = b[:(bases+1)/2], b[(bases+1)/2:]
	r.quality = b[:bases]
	return r, true
}

// unusable are the flags of reads that are left out.
const unusable = sam.Unmapped | sam.Secondary | sam.QCFail | sam.Duplicate | sam.Supplementary

// readID identifies the two mates of a pair. 0 stands for a read whose mate cannot
// cover the same site: it is not paired, or the mate begins where nothing of this
// read is.
func (r *record) readID(end int) uint64 {
	if r.flags&sam.Paired == 0 || r.flags&sam.MateUnmapped != 0 || r.mateRef != r.ref || r.matePos >= end {
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
