package genomics

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"genoveil/genomics/chrom"
	"genoveil/genomics/extract"
	"genoveil/genomics/hwe"
)

// A Filter says which samples and variants of a source to keep, as PLINK does
// with the flags of the same names.
type Filter struct {
	// Keep, where not nil, names the only samples to keep; those in Remove
	// are dropped all the same. Names that no sample has are ignored, see
	// Unknown.
	Keep, Remove map[string]bool

	// Chrom, where not nil, selects the only chromosomes to keep.
	Chrom *chrom.Selection

	// Quality, where not nil, is a bound on what the source found in INFO.
	Quality *Quality

	// Extract, where not nil, has the only variants to keep; those in Exclude are dropped
	// all the same.
	Extract, Exclude *extract.List

	// MinMAF, from 0 to 0.5, is the least minor allele frequency (--maf) and
	// MaxMissing, from 0 to 1, the largest share of missing calls (--geno);
	// values that equal a bound are kept. Both are taken over the kept
	// samples. MinMAF 0 and MaxMissing 1 restrict nothing. The frequency of a variant
	// without any call counts as 0.5. On Y males alone count.
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

	// MaxMAF, up to 0.5, is the greatest minor allele frequency (--max-maf), and MinMAC the
	// least number of copies of the rarer allele (--mac). 0 restricts nothing.
	MaxMAF, MinMAC float64

	// MinHWE, from 0 to below 0.5, which is the value of a variant that nobody differs in,
	// is the least mid-p value of the test for Hardy-Weinberg equilibrium (--hwe), of calls
	// alone. 0 restricts nothing. It does not touch Y and MT, nor X where nobody's sex is
	// known.
	MinHWE float64

	// Untested, where not nil, is told every variant that MinHWE does not touch.
	Untested func(v *Variant)

	// Loaded, where not nil, is told every variant that Chrom, Quality, Extract and Exclude
	// leave, in order, before the bounds: what PLINK loads.
	Loaded func(v *Variant)
}

// A Quality is a bound on imputation quality.
type Quality struct {
	Flag  string  // that sets it, for Skipped
	Key   string  // of INFO, for Skipped
	Least float64 // is kept
}

// Reasons for which a filter passes over variants, in the order in which it
// tries them: PLINK 2's order of operations. That of Quality follows --chr.
const (
	byChrom   = "--chr"
	byExtract = "--extract"
	byExclude = "--exclude"
	byMissing = "--geno"
	byHWE     = "--hwe"
	byMAF     = "--maf"
	byMaxMAF  = "--max-maf"
	byMAC     = "--mac"
)

// tolerance is the relative slack with which PLINK compares a frequency with
// its bound, so that a decimal such as 0.1, which is not exact in binary, means
// what it says.
const tolerance = 1.0 / (1 << 44)

var errRowLength = errors.New("genomics: the row's length is not that of the kept samples")

// Unknown returns those of the names that no sample has, in their order.
func Unknown(names, samples []string) []string {
	known := make(map[string]bool, len(samples))
	for _, name := range samples {
		known[name] = true
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return known[name] })
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
	if !(0 <= f.MaxMAF && f.MaxMAF <= 0.5) {
		return nil, fmt.Errorf("--max-maf %v: give a frequency from 0 to 0.5", f.MaxMAF)
	}
	if !(0 <= f.MinMAC && f.MinMAC <= math.MaxInt32) {
		return nil, fmt.Errorf("--mac %v: give a number of copies, 0 or more", f.MinMAC)
	}
	if !(0 <= f.MinHWE && f.MinHWE < 0.5) {
		return nil, fmt.Errorf("--hwe %v: give a p-value from 0 to below 0.5", f.MinHWE)
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

// dropsSite reports whether the variant is dropped for what it is, whoever has it, and
// counts it.
func (s *selection) dropsSite(v *Variant) bool {
	f := &s.filter
	whole := v.Chrom
	if f.PAR != nil {
		v.Chrom = f.PAR.Split(whole, v.Pos)
	}
	// Ranges may have a part of X by either name.
	has := func(l *extract.List) bool {
		return l.Has(v.Chrom, v.Pos, v.ID) || v.Chrom != whole && l.Has(whole, v.Pos, v.ID)
	}
	// IDs are noted wherever they are.
	extracted := f.Extract == nil || has(f.Extract)
	excluded := f.Exclude != nil && has(f.Exclude)
	quality := v.Quality
	v.Quality = 0
	reason := ""
	switch {
	case f.Chrom != nil && !f.Chrom.Has(v.Chrom):
		reason = byChrom
	case f.Quality != nil && math.IsNaN(quality):
		reason = f.Quality.Flag + ": no " + f.Quality.Key + " in INFO"
	case f.Quality != nil && quality < f.Quality.Least:
		reason = f.Quality.Flag
	case !extracted:
		reason = byExtract
	case excluded:
		reason = byExclude
	}
	if reason != "" {
		s.skipped[reason]++
		return true
	}
	if f.Loaded != nil {
		f.Loaded(v)
	}
	return false
}

// dropsMissing reports whether too few of the kept samples that can have a call do, and
// counts the variant.
func (s *selection) dropsMissing(called, samples int) bool {
	if float64(called) < (1-s.filter.MaxMissing)*(1-tolerance)*float64(samples) {
		s.skipped[byMissing]++
		return true
	}
	return false
}

// dropsHWE reports whether genotypes are too far from equilibrium, and counts the variant.
// The counts are those of the kept samples, and on X of females and males among them.
func (s *selection) dropsHWE(v *Variant, ploidy Ploidy, all, females, males Counts) bool {
	least := s.filter.MinHWE * (1 - tolerance)
	if least == 0 {
		return false
	}
	inEquilibrium := true
	switch {
	case ploidy == Diploid:
		inEquilibrium = hwe.AtLeast(least, all[HomRef], all[Het], all[HomAlt])
	case ploidy == XLinked && s.haploid.anySex():
		// Genotypes of females and alleles of males, as in PLINK 2.
		inEquilibrium = hwe.AtLeastX(least, females[HomRef], females[Het], females[HomAlt], males[HomRef], males[HomAlt])
	case s.filter.Untested != nil:
		s.filter.Untested(v)
	}
	if !inEquilibrium {
		s.skipped[byHWE]++
	}
	return !inEquilibrium
}

// dropsFrequency reports whether the rarer allele is too rare or too frequent, and counts
// the variant. Of the kept samples some are called, and among those it has a frequency and
// so many copies.
func (s *selection) dropsFrequency(called int, minor, copies float64) bool {
	if called == 0 {
		minor = 0.5
	}
	switch f := &s.filter; {
	case minor < f.MinMAF*(1-tolerance):
		s.skipped[byMAF]++
	case f.MaxMAF > 0 && minor > f.MaxMAF*(1+tolerance):
		s.skipped[byMaxMAF]++
	case copies < f.MinMAC*(1-tolerance):
		s.skipped[byMAC]++
	default:
		return false
	}
	return true
}

// bounded reports whether any variant can be outside the bounds, so that
// genotypes have to be counted.
func (f Filter) bounded() bool {
	return f.MinMAF > 0 || f.MaxMissing < 1 || f.MaxMAF > 0 || f.MinMAC > 0 || f.MinHWE > 0
}
