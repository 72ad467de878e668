package report

import (
	"cmp"
	"slices"
	"strings"
)

// ordered returns the chromosomes in the order in which they are drawn. Files
// may come one a chromosome and in any order, so names are sorted: first those
// that begin with a number (1, 2A, chr10), then those without any (X, MT, III)
// in order of appearance, because no rule fits them all, then the rest
// (scaffold_12, NC_003070.9). Numbers inside names sort by value.
func (s *Scan) ordered() []*chromosome {
	chroms := slices.Clone(s.chroms)
	slices.SortStableFunc(chroms, func(a, b *chromosome) int { return compareNames(a.name, b.name) })
	return chroms
}

func compareNames(a, b string) int {
	a, b = withoutChr(a), withoutChr(b)
	rankA, rankB := nameRank(a), nameRank(b)
	if rankA != rankB || rankA == 1 {
		return cmp.Compare(rankA, rankB)
	}
	for a != "" && b != "" {
		var partA, partB string
		partA, a = cutPart(a)
		partB, b = cutPart(b)
		if c := compareParts(partA, partB); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func withoutChr(name string) string {
	if len(name) > 3 && strings.EqualFold(name[:3], "chr") {
		return name[3:]
	}
	return name
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

// cutPart cuts the longest run of digits, or of other bytes, off the front of s.
func cutPart(s string) (part, rest string) {
	n := 1
	for n < len(s) && isDigit(s[n]) == isDigit(s[0]) {
		n++
	}
	return s[:n], s[n:]
}

// compareParts compares digits by value, and puts them before other text.
func compareParts(a, b string) int {
	digitsA, digitsB := isDigit(a[0]), isDigit(b[0])
	switch {
	case digitsA && digitsB:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	case digitsA:
		return -1
	case digitsB:
		return 1
	}
	return cmp.Compare(a, b)
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
