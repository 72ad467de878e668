// Package report turns the results of an association scan into plots and a page: a
// Manhattan plot, a quantile-quantile plot with the genomic inflation factor λ, and one
// HTML page with both and the strongest loci. It takes results one by one, or from the
// tables of PLINK 1.9, PLINK 2, REGENIE and the GWAS Catalog.
package report

import (
	"maps"
	"math"
	"slices"
)

// The two lines of a Manhattan plot as −log10 p: genome-wide significance at
// p = 5e-8 and the suggestive line at p = 1e-5.
const (
	genomeWide = 7.301029995663981
	suggestive = 5
)

// A Result is one variant's association. A number that is not known is NaN.
type Result struct {
	Chrom  string
	Pos    int // 1-based, at most 2³² − 1; 0 where not known
	ID     string
	A1     string  // the allele that is counted, "" where not known
	A1Freq float64 // frequency of A1, in [0, 1]
	Effect float64 // β of one more A1: trait units, or log odds
	SE     float64 // standard error of Effect
	LogP   float64 // −log10 p, at least 0; +Inf where p is given as 0
	N      int     // samples, 0 where not known
	Sites  int     // of a meta-analysis, 0 where not known
}

// A Scan holds the results of one association scan. Its zero value is empty and
// ready for use. It needs 12 bytes a variant: of all variants it keeps position
// and p-value, and only of the strongest the whole Result.
type Scan struct {
	chroms  []*chromosome // in order of appearance
	byName  map[string]*chromosome
	last    *chromosome // that of the latest result, as most files are sorted
	top     strongest
	skipped map[string]int
	ranked  []float32 // see ranks
}

// A chromosome holds the results of one chromosome or contig, in order of
// appearance.
type chromosome struct {
	name string
	pos  []uint32
	logP []float32

	stretches []stretch // of the files
}

// Add takes in one result. A result whose LogP is NaN is counted as skipped; a
// position or LogP out of its range is moved to the end of the range.
func (s *Scan) Add(r Result) {
	if math.IsNaN(r.LogP) {
		s.skip("no p-value")
		return
	}
	r.LogP = max(r.LogP, 0)
	r.Pos = min(max(r.Pos, 0), math.MaxUint32)
	c := s.chromosome(r.Chrom)
	c.pos = append(c.pos, uint32(r.Pos))
	c.logP = append(c.logP, float32(r.LogP))
	s.top.add(r)
}

// Len is the number of results with a p-value.
func (s *Scan) Len() int {
	n := 0
	for _, c := range s.chroms {
		n += len(c.pos)
	}
	return n
}

// Skipped says how many rows were left out, by reason.
func (s *Scan) Skipped() map[string]int { return maps.Clone(s.skipped) }

func (s *Scan) skip(reason string) {
	if s.skipped == nil {
		s.skipped = map[string]int{}
	}
	s.skipped[reason]++
}

func (s *Scan) chromosome(name string) *chromosome {
	if s.last != nil && s.last.name == name {
		return s.last
	}
	c := s.byName[name]
	if c == nil {
		if s.byName == nil {
			s.byName = map[string]*chromosome{}
		}
		c = &chromosome{name: name}
		s.byName[name] = c
		s.chroms = append(s.chroms, c)
	}
	s.last = c
	return c
}

// ranks returns −log10 p of all results, the smallest first. The slice is kept
// until more results are added, because sorting is the slowest step of a report.
func (s *Scan) ranks() []float32 {
	n := s.Len()
	if len(s.ranked) == n {
		return s.ranked
	}
	s.ranked = make([]float32, 0, n)
	for _, c := range s.chroms {
		s.ranked = append(s.ranked, c.logP...)
	}
	slices.Sort(s.ranked)
	return s.ranked
}

// reaching returns how many results have a −log10 p of at least level.
func (s *Scan) reaching(level float32) int {
	ranks := s.ranks()
	below, _ := slices.BinarySearch(ranks, level)
	return len(ranks) - below
}
