package cells

import "slices"

// A span has the vectors of the rows' span that are zero on all large cells, modulo some
// primes. Vectors on a few cells are counted in its checks: a linear combination of columns
// of checks is zero if, and only if, the numbers that it takes them with are a vector. (The
// numbers of a cell are up to a factor, which changes no set of cells.)
//
// A rank modulo p is never larger than over the rationals. The number of vectors on a set of
// cells is the rank of the rows, less their rank on all other cells. So, where the first of
// these is right modulo p, the number is never too small. It is right where a minor is not
// divisible by p: of enough primes, the least number is that over the rationals.
type span struct {
	fields []field
	checks [][][]uint64 // for each field, the column of each small cell
	live   []bool       // the small cells on which some vector is not zero
}

func newSpan(rows [][]uint64, cells, large int) *span {
	s := &span{live: make([]bool, cells-large)}
	enough := primesFor(min(len(rows), cells))
	best := -1
	for f := newField(firstPrime); len(s.fields) < enough; f = f.next() {
		echelon, pivots := f.echelon(rows)
		// The rank of most is the rational one: a minor that tells of more would be divisible
		// by all primes that have this.
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
