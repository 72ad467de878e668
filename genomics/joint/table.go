package joint

import (
	"errors"
	"math"
)

// A Coefficient is a row of the table that a fit ends in, in the columns' own units.
type Coefficient struct {
	Name     string
	Estimate float64
	SE       float64
	DF       float64 // of Student's t for Estimate/SE; 0 where that is normal
}

// Table has the coefficients of a complete fit, in order, the intercept first.
func (f *Fit) Table() ([]Coefficient, error) {
	if !f.Done {
		return nil, errors.New("the fit is not complete")
	}
	triangle, err := f.decompose(f.information)
	if err != nil {
		return nil, err
	}
	p, unit, scale, df := f.parameters(), 1.0, 1.0, 0.0
	if f.Kind == Linear {
		unit = f.YSD
		df = f.Rows - float64(p)
		scale = f.rss / df
	}
	first := p - len(f.Columns)
	var table []Coefficient
	for j := range p {
		// A coefficient in its own units is a combination of those of variance 1.
		combination := make([]float64, p)
		estimate := 0.0
		switch {
		case j >= first:
			combination[j] = unit / f.SD[j-first]
		default:
			combination[0], estimate = unit, f.YMean
			for k := range f.Columns {
				combination[first+k] = -unit * f.Mean[k] / f.SD[k]
			}
		}
		variance := scale * sum(combination, solve(triangle, combination))
		table = append(table, Coefficient{f.name(j), estimate + sum(combination, f.Theta), math.Sqrt(variance), df})
	}
	return table, nil
}
