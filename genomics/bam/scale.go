package bam

import (
	"fmt"
	"slices"
)

// A scale judges whether base qualities are on the scale of the SAM specification.
//
// Solexa and Illumina before 1.8 wrote a quality as the character 64 + q, with q from -5 or
// 0 to 40, in place of 33 + q (Cock et al. 2010, Nucleic Acids Research 38:1767). Where a
// program did not know, all qualities are too high by 31. Then none is low, and some are
// above 60, which GATK refuses, too. Consensus reads and those of PacBio go up to 93, but
// have low ones among them.
type scale struct {
	reads       int
	least, most byte
	known       bool // no more reads are needed
}

const (
	scaleReads    = 100    // are enough to tell
	scaleEnd      = 10_000 // reads are looked at, at most
	oldLeast      = 64 - 33 - 5
	mostPlausible = 60
)

// add looks at the qualities of a read.
func (s *scale) add(quality []byte) {
	least, most := slices.Min(quality), slices.Max(quality)
	if s.reads > 0 {
		least, most = min(least, s.least), max(most, s.most)
	}
	s.least, s.most = least, most
	s.reads++
	s.known = least < oldLeast || s.reads >= scaleEnd
}

// isOld reports whether the qualities so far look as if they were on an old scale.
func (s *scale) isOld() bool {
	return s.reads > 0 && s.least >= oldLeast && s.least <= mostPlausible && s.most > mostPlausible
}

// String says why.
func (s *scale) String() string {
	return fmt.Sprintf("the base qualities of %d reads are all from %d to %d; they seem to be on the scale of Solexa and Illumina before 1.8 (Phred+64)", s.reads, s.least, s.most)
}
