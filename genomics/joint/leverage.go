package joint

import (
	"math"
	"slices"
)

// dependent is the share of a column's length below which what other columns leave of it is
// rounding, or lost in sums in units of 2^-40. Sums of squares would not see the square of it, and miss a
// column that differs from another by a little in one row.
const dependent = 1e-12

// leverage finds the row with the highest leverage in the span of columns and a constant:
// the most that it can have of the sum of squares of any combination. column is the one that
// gives it most, of what the columns before it leave of it.
func leverage(columns [][]float64, n int) (row, column int, highest float64) {
	constant := make([]float64, n)
	for i := range constant {
		constant[i] = 1
	}
	h, most, by := make([]float64, n), make([]float64, n), make([]int, n)
	var basis [][]float64
	for j, c := range append([][]float64{constant}, columns...) {
		q := slices.Clone(c)
		if !scale(q, largest(q)) { // so that squares do not overflow
			continue
		}
		length := math.Sqrt(sum(q, q))
		// Gram and Schmidt's method, twice, is orthogonal to the last digits.
		for range 2 {
			for _, b := range basis {
				x := sum(b, q)
				for i := range q {
					q[i] -= x * b[i]
				}
			}
		}
		if left := math.Sqrt(sum(q, q)); left <= dependent*length || !scale(q, left) {
			continue
		}
		basis = append(basis, q)
		for i, x := range q {
			h[i] += x * x
			if j > 0 && x*x > most[i] {
				most[i], by[i] = x*x, j-1
			}
		}
	}
	for i, x := range h {
		if x > highest {
			row, column, highest = i, by[i], x
		}
	}
	return row, column, highest
}

// scale divides by the unit, unless that is 0.
func scale(values []float64, unit float64) bool {
	for i := range values {
		values[i] /= unit
	}
	return unit != 0
}
