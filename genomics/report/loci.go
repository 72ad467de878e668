package report

import (
	"cmp"
	"slices"
)

const (
	// locusRadius is the distance in base pairs within which a weaker variant
	// is counted to the locus of a stronger one.
	locusRadius = 500_000

	// keptResults is how many of the strongest results are kept whole. Loci
	// are found strongest first, so a limit can shorten their list at its weak
	// end but not change it. Where an inversion or the HLA region holds tens of
	// thousands of linked variants there is still room for others.
	keptResults = 50_000
)

// strongest keeps the keptResults results with the smallest p. Of equal ones it
// keeps those that came first.
type strongest struct {
	results []Result // at most twice keptResults
	floor   float64  // −log10 p of the weakest of the kept, once there are enough
}

func (s *strongest) add(r Result) {
	if len(s.results) >= keptResults && r.LogP <= s.floor {
		return
	}
	s.results = append(s.results, r)
	if len(s.results) == 2*keptResults {
		s.trim()
	}
}

func (s *strongest) trim() {
	slices.SortStableFunc(s.results, func(a, b Result) int { return cmp.Compare(b.LogP, a.LogP) })
	if len(s.results) >= keptResults {
		s.results = s.results[:keptResults]
		s.floor = s.results[keptResults-1].LogP
	}
}

// Loci returns the leading variants of the strongest loci, at most n, the
// strongest first: the variants that have no stronger one within 500 kb that
// leads a locus itself.
func (s *Scan) Loci(n int) []Result {
	s.top.trim()
	var leads []Result
	for _, r := range s.top.results {
		if len(leads) == n {
			break
		}
		taken := slices.ContainsFunc(leads, func(lead Result) bool {
			return lead.Chrom == r.Chrom && max(lead.Pos-r.Pos, r.Pos-lead.Pos) <= locusRadius
		})
		if !taken {
			leads = append(leads, r)
		}
	}
	return leads
}
