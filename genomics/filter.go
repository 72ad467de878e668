package genomics

import (
	"errors"
	"fmt"
	"maps"

	"genoveil/genomics/chrom"
)

// A Filter says which samples and variants of a source to keep, as PLINK 1.9
// does with the flags of the same names.
type Filter struct {
	// Keep, where not nil, names the only samples to keep; those in Remove
	// are dropped all the same. Names that no sample has are ignored, see
	// CountUnknown.
	Keep, Remove map[string]bool

	// Chrom, where not nil, selects the only chromosomes to keep.
	Chrom *chrom.Selection

	// MinMAF, from 0 to 0.5, is the least minor allele frequency (--maf) and
	// MaxMissing, from 0 to 1, the largest share of missing calls (--geno);
	// values that equal a bound are kept. Both are taken over the kept
	// samples. MinMAF 0 and MaxMissing 1
	// restrict nothing. MinMAF does not touch a variant without any call. On Y males alone
	// count.
	MinMAF, MaxMissing float64

	// Sexes are those of the source's samples, in order; nil stands for unknown ones. On X,
	// Y and mitochondria they say who has one copy: a heterozygous call of one is made
	// missing, and the bounds count alleles as there are.
	Sexes []Sex

	// AllDiploid takes every call for one of two copies, as cohorts were made before sexes
	// were read.
	AllDiploid bool

	// PAR, where not nil, says which variants of X are in the pseudo-autosomal regions;
	// they get the chromosome PAR1 or PAR2. Chrom names these then; its X is the rest, as in
	// PLINK 2.
	PAR *chrom.PAR

	// Loaded, where not nil, is told every variant that Chrom leaves, in order, before
	// the bounds: what PLINK loads.
	Loaded func(v *Variant)
}

// Reasons for which a filter passes over variants, in the order in which it
// tries them.
const (
	byChrom   = "--chr"
	byMissing = "--geno"
	byMAF     = "--maf"
)

// tolerance is the relative slack with which PLINK compares a frequency with
// its bound, so that a decimal such as 0.1, which is not exact in binary, means
// what it says.
const tolerance = 1.0 / (1 << 44)

var errRowLength = errors.New("genomics: the row's length is not that of the kept samples")

// CountUnknown returns how many of the names no sample has.
func CountUnknown(names map[string]bool, samples []string) int {
	unknown := len(names)
	for _, name := range samples {
		if _, ok := names[name]; ok {
			unknown--
		}
	}
	return unknown
}

// A selection is what a filter keeps of a source with certain samples, and the
// count of what it drops. Genotypes and dosages have it in common.
type selection struct {
	filter  Filter
	samples []string // those kept
	kept    []int    // their places in the source, nil for all
	skipped map[string]int
	haploid *haploid
}

func (f Filter) selectFrom(all []string) (*selection, error) {
	if !(0 <= f.MinMAF && f.MinMAF <= 0.5) {
		return nil, fmt.Errorf("--maf %v: give a frequency from 0 to 0.5", f.MinMAF)
	}
	if !(0 <= f.MaxMissing && f.MaxMissing <= 1) {
		return nil, fmt.Errorf("--geno %v: give a share from 0 to 1", f.MaxMissing)
	}
	s := &selection{filter: f, skipped: map[string]int{}}
	for i, name := range all {
		if (f.Keep == nil || f.Keep[name]) && !f.Remove[name] {
			s.kept = append(s.kept, i)
			s.samples = append(s.samples, name)
		}
	}
	if len(s.kept) == 0 {
		return nil, fmt.Errorf("none of the %d samples is left after --keep and --remove; do those files name samples as the genotype file does?", len(all))
	}
	if len(s.kept) == len(all) {
		s.kept = nil
	}
	s.haploid = newHaploid(f.AllDiploid, f.Sexes, s.kept, len(s.samples))
	return s, nil
}

func (s *selection) Samples() []string { return s.samples }

// addSkipped returns what the source skipped and what the filter dropped.
func (s *selection) addSkipped(bySource map[string]int) map[string]int {
	all := maps.Clone(bySource)
	if all == nil {
		all = map[string]int{}
	}
	for reason, n := range s.skipped {
		all[reason] += n
	}
	return all
}

// dropsChrom reports whether the variant is on a chromosome that is not kept,
// and counts it.
func (s *selection) dropsChrom(v *Variant) bool {
	if s.filter.PAR != nil {
		v.Chrom = s.filter.PAR.Split(v.Chrom, v.Pos)
	}
	if c := s.filter.Chrom; c != nil && !c.Has(v.Chrom) {
		s.skipped[byChrom]++
		return true
	}
	if s.filter.Loaded != nil {
		s.filter.Loaded(v)
	}
	return false
}

// drops reports whether a variant is outside the bounds, and counts it. Of the
// samples that can have a call some do, and among those the rarer allele has the
// frequency minor.
func (s *selection) drops(called, samples int, minor float64) bool {
	switch f := s.filter; {
	case float64(called) < (1-f.MaxMissing)*(1-tolerance)*float64(samples):
		s.skipped[byMissing]++
	case called > 0 && minor < f.MinMAF*(1-tolerance):
		s.skipped[byMAF]++
	default:
		return false
	}
	return true
}

// bounded reports whether any variant can be outside the bounds, so that
// genotypes have to be counted.
func (f Filter) bounded() bool { return f.MinMAF > 0 || f.MaxMissing < 1 }
