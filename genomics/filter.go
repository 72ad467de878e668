package genomics

import (
	"errors"
	"fmt"
	"maps"
	"strings"
)

// A Filter says which samples and variants of a source to keep, as PLINK 1.9
// does with the flags of the same names.
type Filter struct {
	// Keep, where not nil, names the only samples to keep; those in Remove
	// are dropped all the same. Names that no sample has are ignored, see
	// CountUnknown.
	Keep, Remove map[string]bool

	// Chrom, where not nil, names the only chromosomes to keep, with or
	// without "chr" before their names.
	Chrom map[string]bool

	// MinMAF, from 0 to 0.5, is the least minor allele frequency (--maf) and
	// MaxMissing, from 0 to 1, the largest share of missing calls (--geno);
	// values that equal a bound are kept. Both are taken over the kept
	// samples, each of them counted as diploid. MinMAF 0 and MaxMissing 1
	// restrict nothing. MinMAF does not touch a variant without any call.
	MinMAF, MaxMissing float64
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

// Apply returns the source with the filter on it. The new source counts the
// variants it drops as skipped, and closing it closes src. It is an error if a
// bound is outside its range or if no sample is left.
func (f Filter) Apply(src Source) (Source, error) {
	if !(0 <= f.MinMAF && f.MinMAF <= 0.5) {
		return nil, fmt.Errorf("--maf %v: give a frequency from 0 to 0.5", f.MinMAF)
	}
	if !(0 <= f.MaxMissing && f.MaxMissing <= 1) {
		return nil, fmt.Errorf("--geno %v: give a share from 0 to 1", f.MaxMissing)
	}
	all := src.Samples()
	out := &filtered{src: src, filter: f, skipped: map[string]int{}}
	var kept []int
	for i, name := range all {
		if (f.Keep == nil || f.Keep[name]) && !f.Remove[name] {
			kept = append(kept, i)
			out.samples = append(out.samples, name)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("none of the %d samples is left after --keep and --remove; do those files name samples as the genotype file does?", len(all))
	}
	if len(kept) < len(all) {
		out.kept = kept
		out.full = make(Row, RowLen(len(all)))
	}
	if f.Chrom != nil {
		out.chrom = map[string]bool{}
		for name, keep := range f.Chrom {
			if keep {
				out.chrom[bare(name)] = true
			}
		}
	}
	return out, nil
}

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

// bare returns a chromosome's name without chr.
func bare(chrom string) string { return strings.TrimPrefix(chrom, "chr") }

// filtered is a Source with a filter on it.
type filtered struct {
	src     Source
	filter  Filter
	chrom   map[string]bool // bare names, nil for all
	samples []string
	kept    []int // their places in src, nil for all
	full    Row   // of src, where kept is not nil
	skipped map[string]int
}

func (s *filtered) Samples() []string { return s.samples }

func (s *filtered) Close() error { return s.src.Close() }

func (s *filtered) Skipped() map[string]int {
	all := maps.Clone(s.src.Skipped())
	if all == nil {
		all = map[string]int{}
	}
	for reason, n := range s.skipped {
		all[reason] += n
	}
	return all
}

func (s *filtered) Next(v *Variant, row Row) error {
	if len(row) != RowLen(len(s.samples)) {
		return errors.New("genomics: the row's length is not that of the kept samples")
	}
	full := row
	if s.kept != nil {
		full = s.full
	}
	for {
		if err := s.src.Next(v, full); err != nil {
			return err
		}
		if s.chrom != nil && !s.chrom[bare(v.Chrom)] {
			s.skipped[byChrom]++
			continue
		}
		if s.kept != nil {
			pick(row, full, s.kept)
		}
		reason := s.filter.drops(row, len(s.samples))
		if reason == "" {
			return nil
		}
		s.skipped[reason]++
	}
}

// drops returns the reason for which the filter drops a variant whose n kept
// samples have these genotypes, or "".
func (f Filter) drops(row Row, n int) string {
	if f.MinMAF == 0 && f.MaxMissing == 1 {
		return ""
	}
	c := row.Count(n)
	if float64(c.Called())/float64(n) < (1-f.MaxMissing)*(1-tolerance) {
		return byMissing
	}
	if c.Called() > 0 && c.MinorFrequency() < f.MinMAF*(1-tolerance) {
		return byMAF
	}
	return ""
}

// pick copies the genotypes of the samples kept from full to row.
func pick(row, full Row, kept []int) {
	out := 0
	for ; len(kept) >= 4; kept = kept[4:] {
		row[out] = full.At(kept[0]) | full.At(kept[1])<<2 | full.At(kept[2])<<4 | full.At(kept[3])<<6
		out++
	}
	if len(kept) > 0 {
		row[out] = 0
		for i, sample := range kept {
			row[out] |= full.At(sample) << (2 * i)
		}
	}
}
