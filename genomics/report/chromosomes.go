package report

import (
	"cmp"
	"slices"
	"strings"

	"genoveil/genomics/chrom"
)

// ordered returns the chromosomes in the order in which they are drawn. Files
// may come one a chromosome and in any order, so names are sorted: first those
// that begin with a number (1, 2A, chr10), then those without any (X, MT, III)
// in order of appearance, because no rule fits them all, then the rest
// (scaffold_12, NC_003070.9). Numbers inside names sort by value. The species is not
// known here, so X is no number, and 23 may be an autosome.
func (s *Scan) ordered() []*chromosome {
	chroms := slices.Clone(s.chroms)
	slices.SortStableFunc(chroms, func(a, b *chromosome) int { return compareNames(a.name, b.name) })
	return chroms
}

func compareNames(a, b string) int {
	a, b = chrom.Bare(a), chrom.Bare(b)
	rankA, rankB := nameRank(a), nameRank(b)
	if rankA != rankB || rankA == 1 {
		return cmp.Compare(rankA, rankB)
	}
	return chrom.Natural(a, b)
}

// nameRank is 0 for a name that begins with a digit, 1 for one without digits,
// and 2 for others.
func nameRank(name string) int {
	switch strings.IndexAny(name, "0123456789") {
	case 0:
		return 0
	case -1:
		return 1
	}
	return 2
}
