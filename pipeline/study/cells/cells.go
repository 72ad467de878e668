package cells

import (
	"cmp"
	"slices"
)

// A Unit is the smallest part of a site's data that can be released by itself.
type Unit struct {
	Site, Cohort, Ancestry string
	Sex                    string // female or male
}

// A Roster is the units that one opened total stands on. A unit counts once.
type Roster []Unit

// Exposed returns the smallest sets of sites, each of fewer than least, about which the
// totals over next together with those over before tell something by themselves that the
// totals over before do not: sets with more independent vectors on their units, of which no
// part is such a set. Sites are sorted within a set; so are sets of one size, and smaller
// sets come first.
//
// The work for many sites is bounded. With one unit of each site it suffices for 64 sites
// and least up to 6, and for 128 sites and least up to 5, unless there are more sets than
// somebody would read. Where it does not, one set is returned of all sites that may be in
// such sets: it is exposed, and so may be any part of it.
func Exposed(before, next []Roster, least int) [][]string {
	t := newTable(before, next, least)
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
