package cells

import (
	"cmp"
	"maps"
	"slices"
)

// A table has rosters as 0/1 rows over cells. A cell is a largest set of units that stand in
// the same rosters: no total tells one from another, so a vector of the span has one number
// for each cell.
type table struct {
	sites []string   // sorted
	cells [][]int    // their sites, sorted; larger cells first, as far as least
	large int        // the number of these
	rows  [][]uint64 // rosters before, then those that come next, each once
	old   int        // the number of rosters before
}

func newTable(before, next []Roster, least int) *table {
	var t table
	units := unitsOf(before, next)
	for _, u := range units {
		if n := len(t.sites); n == 0 || t.sites[n-1] != u.Site {
			t.sites = append(t.sites, u.Site)
		}
	}
	columns := make([][]byte, len(units))
	known := map[string]bool{string(make([]byte, len(units))): true} // an empty roster changes no span
	rosters := 0
	for i, roster := range slices.Concat(before, next) {
		row := make([]byte, len(units))
		for _, u := range roster {
			k, _ := slices.BinarySearchFunc(units, u, compareUnits)
			row[k] = 1
		}
		if !known[string(row)] {
			known[string(row)] = true
			for k := range columns {
				columns[k] = append(columns[k], row[k])
			}
			rosters++
		}
		if i < len(before) {
			t.old = rosters
		}
	}

	sites := map[string][]int{} // by column
	for k, u := range units {
		site, _ := slices.BinarySearch(t.sites, u.Site)
		if of := sites[string(columns[k])]; !slices.Contains(of, site) {
			sites[string(columns[k])] = append(of, site)
		}
	}
	order := slices.Sorted(maps.Keys(sites))
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Compare(min(len(sites[b]), least), min(len(sites[a]), least))
	})
	t.rows = make([][]uint64, rosters)
	for _, column := range order {
		t.cells = append(t.cells, sites[column])
		if len(sites[column]) >= least {
			t.large++
		}
		for r := range t.rows {
			t.rows[r] = append(t.rows[r], uint64(column[r]))
		}
	}
	return &t
}

// cost is the work of making a span of the rows, in products of a field.
func (t *table) cost() int { return len(t.rows) * len(t.rows) * len(t.cells) }

// unitsOf are those of rosters, sorted, each once.
func unitsOf(before, next []Roster) []Unit {
	units := slices.Concat(slices.Concat(before...), slices.Concat(next...))
	slices.SortFunc(units, compareUnits)
	return slices.Compact(units)
}

func compareUnits(a, b Unit) int {
	return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Cohort, b.Cohort), cmp.Compare(a.Ancestry, b.Ancestry), cmp.Compare(a.Sex, b.Sex))
}
