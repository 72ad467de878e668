package cells

import (
	"cmp"
	"slices"
)

// A Unit is the smallest part of a site's data that can be released by itself.
type Unit struct {
	Site, Ancestry string
	Sex            string // female or male
}

// A Total is what was opened: the units that it stands on, each of which counts once, and
// the name of the factors with which the sites' parts were added. Totals of one name have
// the same factor for each site. Factors of different names are not related: they count as
// generic, as whoever asks may know or choose them.
type Total struct {
	Units   []Unit
	Factors string
}

// Exposed returns the smallest sets of sites, each of fewer than least, about which the
// totals of next together with those of before tell something by themselves that the totals
// of before do not: sets with more independent vectors on their units, of which no part is
// such a set. Sites are sorted within a set; so are sets of one size, and smaller sets come
// first.
//
// The work for many sites is bounded. With one unit of each site it suffices for 64 sites
// and least up to 6, and for 128 sites and least up to 5, unless there are more sets than
// somebody would read. Where it does not, one set is returned of all sites that may be in
// such sets: it is exposed, and so may be any part of it.
func Exposed(before, next []Total, least int) [][]string {
	t := newTable(before, next, least)
	if t.cost() > mostSpan {
		return [][]string{slices.Clone(t.sites)}
	}
	s := newSearch(t, least)
	if s == nil {
		return nil
	}
	all := slices.Clone(s.live)
	s.run(least)
	if s.over {
		s.found = [][]int{all}
	}
	var sets [][]string
	for _, groups := range s.found {
		var names []string
		for _, site := range s.sites(groups) {
			names = append(names, t.sites[site])
		}
		sets = append(sets, names)
	}
	slices.SortFunc(sets, func(a, b []string) int { return cmp.Or(len(a)-len(b), slices.Compare(a, b)) })
	return sets
}
