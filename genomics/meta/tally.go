package meta

import (
	"fmt"
	"math"
)

// Bits of a packed Tally. The uppermost is 0.
const (
	sampleBits = 27
	alleleBits = 28
	siteBits   = 8

	// LeastMinorAlleles is how many copies of the minor allele a site has of what it counts
	// and contributes. Of one or two, what is added up is a person's.
	LeastMinorAlleles = 3
)

// Reasons for which DropRare leaves estimates out.
const (
	fewAlleles    = "fewer than 3 minor alleles"
	unknownCounts = "no number of samples or no allele frequency, so minor alleles are not known"
)

// A Tally is how many sites have a variant, with how many samples and copies of ALT. Packed
// into a word it costs 8 bytes a variant, and packed tallies of sites add up.
type Tally struct{ Sites, Samples, Alleles int }

// CheckTally refuses a study whose tallies would not fit into words.
func (s *Study) CheckTally() error {
	if s.Contributors >= 1<<siteBits {
		return fmt.Errorf("%d contributors; counts have room for %d", s.Contributors, 1<<siteBits-1)
	}
	if s.N >= 1<<sampleBits {
		return fmt.Errorf("%d samples; counts have room for %d", s.N, 1<<sampleBits-1)
	}
	return nil
}

// MinorAlleles is the number of copies of the rarer allele, of two a sample.
func (t Tally) MinorAlleles() int { return min(t.Alleles, 2*t.Samples-t.Alleles) }

func (t Tally) pack() uint64 {
	return uint64(t.Sites)<<(sampleBits+alleleBits) | uint64(t.Samples)<<alleleBits | uint64(t.Alleles)
}

// UnpackTally takes the sum of sites' words apart. It refuses what no tables have.
func UnpackTally(word uint64) (Tally, error) {
	t := Tally{
		Sites:   int(word >> (sampleBits + alleleBits)),
		Samples: int(word >> alleleBits & (1<<sampleBits - 1)),
		Alleles: int(word & (1<<alleleBits - 1)),
	}
	// A site that counts has LeastMinorAlleles of each allele at the least.
	least := LeastMinorAlleles * t.Sites
	if t.Sites >= 1<<siteBits || t.Alleles < least || 2*t.Samples-t.Alleles < least || t.Sites == 0 && word != 0 {
		return Tally{}, fmt.Errorf("counts of %d sites, %d samples and %d alleles: %w", t.Sites, t.Samples, t.Alleles, ErrImpossible)
	}
	return t, nil
}

// Tally writes a word for each of some variants, by their numbers in the list: zero for
// what the site does not have, and for what DropRare leaves out. Call DropRare before, so
// that Encode leaves out the same. It refuses more samples than a word has room for.
func (h *Harmonised) Tally(words []uint64, variants []int32) error {
	for k, i := range variants {
		e := &h.Estimates[i]
		t := e.tally()
		if t.Samples >= 1<<sampleBits {
			return fmt.Errorf("variant number %d of the list has %d samples; counts have room for %d", i, t.Samples, 1<<sampleBits-1)
		}
		if words[k] = 0; e.rare() == "" {
			words[k] = t.pack()
		}
	}
	return nil
}

// DropRare leaves out the estimates with fewer than LeastMinorAlleles, and those of which
// the table does not tell: without N or a frequency nobody knows whose data an estimate is.
// It counts them as Skipped. Copies of dosages are rounded.
func (h *Harmonised) DropRare() {
	for i := range h.Estimates {
		if e := &h.Estimates[i]; e.Present {
			if reason := e.rare(); reason != "" {
				h.drop(e, reason)
			}
		}
	}
}

// tally is the site's own; of nothing where a number is not known.
func (e *Estimate) tally() Tally {
	if !e.Present || e.N < 1 || !(e.AF >= 0 && e.AF <= 1) {
		return Tally{}
	}
	return Tally{1, int(e.N), int(math.RoundToEven(e.alleles()))}
}

// rare says why an estimate does not count, or "".
func (e *Estimate) rare() string {
	switch t := e.tally(); {
	case t.Sites == 0:
		return unknownCounts
	case t.MinorAlleles() < LeastMinorAlleles:
		return fewAlleles
	}
	return ""
}

// alleles is the number of copies of ALT, of two a sample.
func (e *Estimate) alleles() float64 { return 2 * float64(e.N) * e.AF }
