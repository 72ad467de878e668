package genomics

import (
	"fmt"
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
	chosen, err := f.selectFrom(src.Samples())
	if err != nil {
		return nil, err
	}
	out := &filtered{selection: chosen, src: src}
	if out.kept != nil {
		out.full = make(Row, RowLen(len(src.Samples())))
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
	*selection
	src  Source
	full Row // of src, where not all samples are kept
}

func (s *filtered) Close() error { return s.src.Close() }

func (s *filtered) Skipped() map[string]int { return s.addSkipped(s.src.Skipped()) }

func (s *filtered) Next(v *Variant, row Row) error {
	if len(row) != RowLen(len(s.samples)) {
		return errRowLength
	}
	full := row
	if s.kept != nil {
		full = s.full
	}
	for {
		if err := s.src.Next(v, full); err != nil {
			return err
		}
		if s.dropsChrom(v) {
			continue
		}
		if s.kept != nil {
			pick(row, full, s.kept)
		}
		if !s.filter.bounded() {
			return nil
		}
		if c := row.Count(len(s.samples)); !s.drops(c.Called(), c.MinorFrequency()) {
			return nil
		}
	}
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
