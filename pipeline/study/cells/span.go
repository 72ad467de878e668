package cells

import "slices"

// A span has the vectors of the rows' span that are zero on all large cells, at some points:
// modulo some primes and, with factors of several names, for some factors. Vectors on a few
// cells are counted in its checks: a linear combination of columns of checks is zero if, and
// only if, the numbers that it takes them with are a vector. (The numbers of a cell are up to
// a factor, which changes no set of cells.)
//
// A rank at a point is never larger than the one that is meant: over the rationals or, with
// several names, over the rational functions of the factors. The number of vectors on a set
// of cells is the rank of the rows, less their rank on all other cells. So, where the first
// of these is right at a point, the number is never too small. It is right where a minor is
// not 0: of enough points, the least number is the one that is meant.
//
// With one name, that is certain (see primesFor). With several it is not, and both numbers
// that are compared, the one of all totals and the one of those before, can be wrong if the
// minor of a rank is 0 at all points. If a rank of all rows is too small, so may be a number,
// for every set of cells. If one on other cells is too small, the number is too large: of all
// totals, it exposes whom it need not; of those before, it can hide who is exposed. But for
// any one rank, each of these is as improbable as pointsFor says. For up to 1,000 totals that
// is 2^-100; a search, or all that LeaveOut does, asks for fewer than 2^32 ranks. So an answer
// errs, on either side, with a probability below 2^-60. As the points follow from a hash of
// all that is asked, nobody can choose what to ask for given points, but only try.
type span struct {
	fields []field
	checks [][][]uint64 // for each point, the column of each small cell
	live   []bool       // the small cells on which some vector is not zero
}

// newSpan is the span of a table's first rows.
func newSpan(t *table, rows int) *span {
	cells, large := len(t.cells), t.large
	s := &span{live: make([]bool, cells-large)}
	best := -1
	for f, all := range t.points {
		echelon, pivots := f.echelon(all[:rows])
		// The rank of most is the right one: a minor that tells of more would be 0 at all
		// points that have this.
		if len(pivots) < best {
			continue
		}
		if len(pivots) > best {
			best = len(pivots)
			s.fields, s.checks = nil, nil
		}
		above, _ := slices.BinarySearch(pivots, large)
		s.fields = append(s.fields, f)
		s.checks = append(s.checks, s.checksOf(echelon[above:], pivots[above:], cells, large))
		if len(s.fields) == t.enough(rows) {
			break
		}
	}
	return s
}

// echelon makes the rows' reduced echelon form, in which a row's first number, at the column
// of its pivot, need not be 1.
func (f field) echelon(rows [][]uint64) (echelon [][]uint64, pivots []int) {
	var todo [][]uint64
	for _, row := range rows {
		todo = append(todo, slices.Clone(row))
	}
	for k := 0; len(todo) > 0 && k < len(rows[0]); k++ {
		i := slices.IndexFunc(todo, func(row []uint64) bool { return row[k] != 0 })
		if i < 0 {
			continue
		}
		pivot := todo[i]
		todo[i] = todo[0]
		todo = todo[1:]
		for _, row := range todo {
			f.eliminate(row, pivot, k, k)
		}
		for _, row := range echelon {
			f.eliminate(row, pivot, k, 0)
		}
		echelon, pivots = append(echelon, pivot), append(pivots, k)
	}
	return echelon, pivots
}

// checksOf makes the columns of checks from rows that are zero on large cells. Where d is a
// row's number at its pivot and v a vector, v at any other column j is the sum of
// row[j]·v[pivot]/d. That is a check for each j, and v[pivot]/d is v up to a factor. (As is
// its sign where j has 1 for −1.)
func (s *span) checksOf(echelon [][]uint64, pivots []int, cells, large int) [][]uint64 {
	columns := make([][]uint64, cells-large)
	for i, k := range pivots {
		s.live[k-large] = true
		columns[k-large] = make([]uint64, 0, cells-large-len(pivots))
		for j := large; j < cells; j++ {
			if echelon[i][j] != 0 {
				s.live[j-large] = true
			}
			if _, pivot := slices.BinarySearch(pivots, j); !pivot {
				columns[k-large] = append(columns[k-large], echelon[i][j])
			}
		}
	}
	check := 0
	for c := range columns {
		if columns[c] == nil {
			columns[c] = make([]uint64, cells-large-len(pivots))
			columns[c][check] = 1
			check++
		}
	}
	return columns
}

// vectors is the number of independent vectors on a set of small cells.
func (s *span) vectors(cells []int) int {
	live := s.alive(cells)
	least := len(live)
	columns := make([][]uint64, len(live))
	for i, f := range s.fields {
		if least == 0 {
			break
		}
		for k, c := range live {
			columns[k] = slices.Clone(s.checks[i][c])
		}
		least = min(least, len(live)-f.rank(columns))
	}
	return least
}

// alive is cells less those on which all vectors are zero.
func (s *span) alive(cells []int) []int {
	var live []int
	for _, c := range cells {
		if s.live[c] {
			live = append(live, c)
		}
	}
	return live
}

// cost is the work of vectors, at most, in products.
func (s *span) cost(cells []int) int {
	n := len(s.alive(cells))
	if n == 0 {
		return 0
	}
	return len(s.fields) * n * n * len(s.checks[0][0])
}
