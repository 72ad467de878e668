package protocol

import (
	"slices"
	"strings"

	"genoveil/pipeline/study/cells"
	"genoveil/pipeline/study/charter"
)

// Exposed are the sets of sites, each too few to hide in, about which the totals of an
// analysis tell something by themselves, alone or together with those of its history. What
// the history exposes by itself does not count where all its sites approved it.
func Exposed(c *charter.Charter, a *charter.Analysis) [][]string {
	var all [][]string
	for _, numbers := range kinds(a) {
		before, next := split(c, a, numbers)
		for _, set := range cells.Exposed(before, next, c.Least()) {
			if !slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(set, other) }) {
				all = append(all, set)
			}
		}
	}
	return all
}

// LeaveOut are the fewest sites to leave out of an analysis, so that it exposes nothing that
// its history does not expose by itself. It finds those that one kind of numbers asks for.
func LeaveOut(c *charter.Charter, a *charter.Analysis) (sites []string, ok bool) {
	for _, numbers := range kinds(a) {
		own := totals(a.Rosters(c), factors(numbers, a.Factors(c)))
		before, next := split(c, a, numbers)
		out, ok := cells.LeaveOut(append(before, next[:len(next)-len(own)]...), own, c.Least())
		if !ok {
			return nil, false
		}
		if len(out) > 0 && sites != nil && !slices.Equal(out, sites) {
			return nil, false
		}
		if len(out) > 0 {
			sites = out
		}
	}
	return sites, true
}

// kinds are the kinds of numbers that an analysis opens.
func kinds(a *charter.Analysis) []string {
	if own := a.Numbers(); charter.OpensCounts(own) {
		return []string{charter.Counts, own}
	}
	return []string{a.Numbers()}
}

// split has the totals of one kind of numbers: those whose exposures are consented to, and
// all others.
func split(c *charter.Charter, a *charter.Analysis, numbers string) (before, next []cells.Total) {
	for _, past := range a.History {
		if numbers == charter.Counts && !charter.OpensCounts(past.Numbers) || numbers != charter.Counts && numbers != past.Numbers {
			continue
		}
		all := totals(past.Rosters, factors(numbers, past.Factors))
		if past.Approved {
			before = append(before, all...)
		} else {
			next = append(next, all...)
		}
	}
	return before, append(next, totals(a.Rosters(c), factors(numbers, a.Factors(c)))...)
}

// factors of counts are 1.
func factors(numbers, of string) string {
	if numbers == charter.Counts {
		return ""
	}
	return of
}

func totals(rosters [][]charter.Unit, factors string) (all []cells.Total) {
	for _, roster := range rosters {
		t := cells.Total{Factors: factors}
		if charter.Controlled(factors) {
			t.Factors += group(roster) // tables of other groups of samples have other λ
		}
		for _, u := range roster {
			t.Units = append(t.Units, cells.Unit{Site: u.Site, Ancestry: u.Ancestry, Sex: u.Sex})
		}
		all = append(all, t)
	}
	return all
}

// group names the ancestries and sexes of a roster.
func group(roster []charter.Unit) string {
	var names []string
	for _, u := range roster {
		if name := " " + u.Ancestry + "/" + u.Sex; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, "")
}
