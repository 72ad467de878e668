package cells

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
)

// A table has totals as rows over cells. A cell is a largest set of units that stand in the
// same totals with the same factors, or with multiples of them: no total tells one from
// another, so a vector of the span has one number for each cell, up to a unit's multiple.
// Where all totals of a cell have one name, it has units of all sites, and its factors are
// 1: a column times a number that is not 0 leaves zeros where they were. Other cells have
// units of one site.
type table struct {
	sites []string   // sorted
	cells [][]int    // their sites, sorted; larger cells first, as far as least
	large int        // the number of these
	rows  [][]uint64 // totals before, then those that come next, each once: 1 where they have a cell
	old   int        // the number of totals before

	names   int      // of factors
	factors []int    // for each row, the number of its name
	several []bool   // for each cell, whether its totals have several names
	seed    [32]byte // of factors
}

func newTable(before, next []Total, least int) *table {
	t := table{sites: sitesOf(before, next)}
	units := unitsOf(before, next)
	columns := make([][]byte, len(units))
	names := namesOf(before, next)
	t.names = len(names)
	type key struct {
		row  string
		name int
	}
	known := map[key]bool{}
	for i, total := range slices.Concat(before, next) {
		row := make([]byte, len(units))
		for _, u := range total.Units {
			k, _ := slices.BinarySearchFunc(units, u, compareUnits)
			row[k] = 1
		}
		name, _ := slices.BinarySearch(names, total.Factors)
		// A total of nothing changes no span.
		if k := (key{string(row), name}); len(total.Units) > 0 && !known[k] {
			known[k] = true
			for k := range columns {
				columns[k] = append(columns[k], row[k])
			}
			t.factors = append(t.factors, name)
		}
		if i < len(before) {
			t.old = len(t.factors)
		}
	}

	sites := map[string][]int{} // by column, and by site where it has several names
	for k, u := range units {
		site, _ := slices.BinarySearch(t.sites, u.Site)
		key := string(columns[k])
		if t.severalNames(columns[k]) {
			key += fmt.Sprint(site)
		}
		if of := sites[key]; !slices.Contains(of, site) {
			sites[key] = append(of, site)
		}
	}
	order := slices.Sorted(maps.Keys(sites))
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Compare(min(len(sites[b]), least), min(len(sites[a]), least))
	})
	t.rows = make([][]uint64, len(t.factors))
	for _, key := range order {
		t.cells = append(t.cells, sites[key])
		t.several = append(t.several, len(key) > len(t.rows))
		if len(sites[key]) >= least {
			t.large++
		}
		for r := range t.rows {
			t.rows[r] = append(t.rows[r], uint64(key[r]))
		}
	}
	if t.names > 1 {
		t.seed = sha256.Sum256(fmt.Appendf(nil, "%q %q %d %d %d %d", t.sites, names, t.cells, t.rows, t.old, t.factors))
	}
	return &t
}

// severalNames says whether the rows in which a column has 1 have several names.
func (t *table) severalNames(column []byte) bool {
	first := -1
	for r, x := range column {
		if x == 0 {
			continue
		}
		if first < 0 {
			first = t.factors[r]
		}
		if t.factors[r] != first {
			return true
		}
	}
	return false
}

// points gives the table's rows modulo one prime after another. With several names, each
// is at another point: at random factors other than 0. Those of the first name are 1, as
// for each site there is one to choose.
func (t *table) points(yield func(f field, rows [][]uint64) bool) {
	random := rand.New(rand.NewChaCha8(t.seed))
	for f := newField(firstPrime); ; f = f.next() {
		rows := t.rows
		if t.names > 1 {
			rows = t.at(func() uint64 { return 1 + random.Uint64N(f.p-1) })
		}
		if !yield(f, rows) {
			return
		}
	}
}

// at has the rows with factors.
func (t *table) at(factor func() uint64) [][]uint64 {
	factors := make([]uint64, t.names*len(t.sites)) // those of a name after those of another
	for i := range factors {
		factors[i] = 1
		if i >= len(t.sites) {
			factors[i] = factor()
		}
	}
	rows := make([][]uint64, len(t.rows))
	for r := range rows {
		rows[r] = slices.Clone(t.rows[r])
		for c, several := range t.several {
			if several {
				rows[r][c] *= factors[t.factors[r]*len(t.sites)+t.cells[c][0]]
			}
		}
	}
	return rows
}

// enough is how many points are needed for some rows.
func (t *table) enough(rows int) int {
	order := min(rows, len(t.cells))
	if t.names > 1 {
		return pointsFor(order)
	}
	return primesFor(order)
}

// cost is the work of making a span of the rows, in products of a field.
func (t *table) cost() int { return len(t.rows) * len(t.rows) * len(t.cells) }

// unitsOf are those of totals, sorted, each once.
func unitsOf(before, next []Total) []Unit {
	var units []Unit
	for _, total := range slices.Concat(before, next) {
		units = append(units, total.Units...)
	}
	slices.SortFunc(units, compareUnits)
	return slices.Compact(units)
}

// sitesOf are those of totals, sorted, each once.
func sitesOf(before, next []Total) []string {
	var sites []string
	for _, u := range unitsOf(before, next) {
		sites = append(sites, u.Site)
	}
	return slices.Compact(sites)
}

// namesOf are those of the factors of totals, sorted, each once.
func namesOf(before, next []Total) []string {
	var names []string
	for _, total := range slices.Concat(before, next) {
		if len(total.Units) > 0 {
			names = append(names, total.Factors)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func compareUnits(a, b Unit) int {
	return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Ancestry, b.Ancestry), cmp.Compare(a.Sex, b.Sex))
}
