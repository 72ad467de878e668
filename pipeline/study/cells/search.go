package cells

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// mostWork bounds a search, in products of the field. It takes about a second.
const mostWork = 1 << 28

// mostSpan bounds the making of a span, likewise: 500 rosters over 500 cells. Beyond, all
// sites count as exposed.
const mostSpan = 1 << 27

// A search goes through sets of sites, smaller ones first, and within a size depth first. It
// holds the columns of checks, at the first point, less what the columns of the sites
// chosen so far have in common with them. A column that has become zero is one more vector
// on the sites chosen.
//
// A set has few cells, so columns are mixed down to as many words. That, and the point, can
// make vectors that are not there, but lose none. So where there are more than are known
// from before, they are counted exactly.
//
// Sites that are in the same live cells are exposed together or not at all. They make a
// group, which is chosen as a whole.
type search struct {
	before *span
	all    *span
	field  field

	groups  [][]int // their sites
	live    []int   // the groups that can be in a set, less those exposed by themselves
	cells   []int   // live small cells, in the order of their last group
	members [][]int // the groups of a cell, by its number in a span
	from    []int   // for each group, the first of the cells whose last group is not before it

	words   int        // of a column
	columns [][]uint64 // for each number of groups chosen, that of all live cells
	chosen  []int      // groups
	onlyOne bool       // stop at the first set

	found [][]int // groups
	work  int
	over  bool // the work was too much
}

// newSearch returns nil where nothing can be found.
func newSearch(t *table, least int) *search {
	small := make([]int, len(t.cells)-t.large)
	for c := range small {
		small[c] = c
	}
	if len(small) == 0 || t.old == len(t.rows) {
		return nil
	}
	s := &search{before: newSpan(t, t.old), all: newSpan(t, len(t.rows))}
	if s.before.vectors(small) == s.all.vectors(small) {
		return nil
	}
	s.field = s.all.fields[0]
	s.cells = s.all.alive(small)
	s.group(t)
	cells := make([]int, len(s.groups))
	for _, c := range s.cells {
		for _, g := range s.members[c] {
			cells[g]++
		}
	}
	slices.SortFunc(cells, func(a, b int) int { return b - a })
	s.mix(cells[:min(least-1, len(cells))])
	return s
}

// group makes groups, in the order of their first sites.
func (s *search) group(t *table) {
	in := make([]string, len(t.sites)) // the live cells of a site
	for _, c := range s.cells {
		for _, site := range t.cells[t.large+c] {
			in[site] = fmt.Sprint(in[site], c, ",")
		}
	}
	number := map[string]int{}
	s.members = make([][]int, len(t.cells)-t.large)
	for site, key := range in {
		if key == "" {
			continue
		}
		if g, ok := number[key]; ok {
			s.groups[g] = append(s.groups[g], site)
			continue
		}
		number[key] = len(s.groups)
		s.live = append(s.live, len(s.groups))
		s.groups = append(s.groups, []int{site})
	}
	for _, c := range s.cells {
		for _, site := range t.cells[t.large+c] {
			if g := number[in[site]]; !slices.Contains(s.members[c], g) {
				s.members[c] = append(s.members[c], g)
			}
		}
	}
	last := func(c int) int { return slices.Max(s.members[c]) }
	slices.SortStableFunc(s.cells, func(a, b int) int { return last(a) - last(b) })
	for g := range len(s.groups) + 1 {
		i, _ := slices.BinarySearchFunc(s.cells, g, func(c, g int) int { return last(c) - g })
		s.from = append(s.from, i)
	}
}

// sites are those of groups.
func (s *search) sites(groups []int) []int {
	var sites []int
	for _, g := range groups {
		sites = append(sites, s.groups[g]...)
	}
	slices.Sort(sites)
	return sites
}

// mix makes the columns for no site chosen: as many words as cells can be chosen, each a sum
// of checks with factors that do not matter much.
func (s *search) mix(cells []int) {
	columns := s.all.checks[0]
	for _, n := range cells {
		s.words += n
	}
	s.words = min(s.words, len(columns[0]))
	random := rand.New(rand.NewPCG(1, 2))
	factors := make([]uint64, s.words*len(columns[0]))
	for i := range factors {
		factors[i] = random.Uint64N(s.field.p)
	}
	mixed := make([]uint64, s.words*len(s.cells))
	for i, c := range s.cells {
		for w := range s.words {
			sum := uint64(0)
			for k, x := range columns[c] {
				if x != 0 {
					sum = (sum + s.field.cross(x, factors[w*len(columns[0])+k], 0, 0)) % s.field.p
				}
			}
			mixed[i*s.words+w] = sum
		}
	}
	s.columns = [][]uint64{mixed}
}

// run finds the smallest sets of fewer than least sites.
func (s *search) run(least int) {
	sites := len(s.sites(s.live))
	for size := 1; size < least && size <= sites && !s.done(); size++ {
		s.columns = append(s.columns, make([]uint64, len(s.columns[0])))
		s.choose(size, 0, 0, 0)
		s.live = slices.DeleteFunc(s.live, func(g int) bool {
			return slices.ContainsFunc(s.found, func(set []int) bool { return len(set) == 1 && set[0] == g })
		})
	}
}

func (s *search) done() bool { return s.over || s.onlyOne && len(s.found) > 0 }

// choose adds groups of left more sites to those chosen, in all ways, of the live ones from
// first on. On the groups chosen there are vectors modulo the prime, and at least known from
// before.
func (s *search) choose(left, first, vectors, known int) {
	for i := first; i < len(s.live) && !s.done(); i++ {
		g := s.live[i]
		left := left - len(s.groups[g])
		if left < 0 {
			continue
		}
		s.chosen = append(s.chosen, g)
		vectors, known := vectors+s.add(g, left > 0), known
		exposed := false
		if vectors > known {
			before, all := s.count(s.chosen)
			known, exposed = before, all > before
		}
		switch {
		case exposed && left == 0 && s.smallest():
			s.found = append(s.found, slices.Clone(s.chosen))
		case !exposed && left > 0:
			s.choose(left, i+1, vectors, known)
		}
		s.chosen = s.chosen[:len(s.chosen)-1]
		s.over = s.over || s.work > mostWork
	}
}

// add takes what the cells of a group just chosen have in common with the others out of
// them, those of later groups only if they are needed. It returns how many become zero.
func (s *search) add(g int, later bool) (zero int) {
	n := len(s.chosen)
	from, own, end := s.from[g], s.from[g+1], s.from[g+1]
	if later {
		end = len(s.cells)
	}
	columns := s.columns[n]
	copy(columns[from*s.words:end*s.words], s.columns[n-1][from*s.words:end*s.words])
	s.work += (end - from) * s.words
	for c := from; c < own; c++ {
		if !s.within(s.cells[c], s.chosen) {
			continue
		}
		pivot := columns[c*s.words:][:s.words]
		k := firstNonzero(pivot, 0)
		if k < 0 {
			zero++
			continue
		}
		for o := c + 1; o < end; o++ {
			s.field.eliminate(columns[o*s.words:][:s.words], pivot, k, 0)
		}
		s.work += (end - c) * s.words
	}
	return zero
}

// within says whether a cell has no groups but these.
func (s *search) within(c int, groups []int) bool {
	for _, g := range s.members[c] {
		if !slices.Contains(groups, g) {
			return false
		}
	}
	return true
}

// count has the exact numbers of vectors on groups: those from before, and all.
func (s *search) count(groups []int) (before, all int) {
	var cells []int
	for _, g := range groups {
		for _, c := range s.cells[s.from[g]:s.from[g+1]] {
			if s.within(c, groups) {
				cells = append(cells, c)
			}
		}
	}
	s.work += s.before.cost(cells) + s.all.cost(cells)
	return s.before.vectors(cells), s.all.vectors(cells)
}

// smallest says whether the groups chosen, which are exposed, are so only together. Those
// without the last are not, or they had not been added to.
func (s *search) smallest() bool {
	for i := range len(s.chosen) - 1 {
		if before, all := s.count(slices.Delete(slices.Clone(s.chosen), i, i+1)); all > before {
			return false
		}
	}
	return true
}
