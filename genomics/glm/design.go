package glm

import (
	"fmt"
	"math"
	"strings"
)

// A Covariate has one value a sample, NaN where it is missing. If it is categorical, its
// values are places in Levels, and Levels is not nil.
type Covariate struct {
	Name   string
	Values []float64
	Levels []string
}

// A design is the null model's matrix over the analysed samples: the intercept,
// then every covariate with mean 0 and variance 1.
type design struct {
	names   []string    // of the columns
	columns [][]float64 // column, then analysed sample
	rows    []int       // the analysed samples' places in the cohort

	categories []Category // of categorical covariates
}

// newDesign takes the samples that have everything: trait, covariates and
// offset. It refuses covariates with which there is no unique fit.
func newDesign(known []bool, covariates []Covariate, offset []float64) (*design, error) {
	for _, c := range covariates {
		if len(c.Values) != len(known) {
			return nil, fmt.Errorf("covariate %s has %d values for %d samples", c.Name, len(c.Values), len(known))
		}
	}
	if offset != nil && len(offset) != len(known) {
		return nil, fmt.Errorf("the offset has %d values for %d samples", len(offset), len(known))
	}
	x := &design{names: []string{"the intercept"}}
	for i := range known {
		if known[i] && (offset == nil || finite(offset[i])) {
			x.rows = append(x.rows, i)
		}
	}
	given := covariates
	x.rows, covariates, x.categories = analysed(x.rows, covariates)
	// One parameter more than the null model's is a variant's effect.
	if parameters := len(covariates) + 2; len(x.rows) <= parameters {
		return nil, fmt.Errorf("%d of %d samples have the trait and all covariates, too few for %d parameters "+
			"(intercept, %d covariates, variant)%s; use fewer covariates, or complete them",
			len(x.rows), len(known), parameters, len(covariates), blame(known, given, offset))
	}
	ones := make([]float64, len(x.rows))
	for j := range ones {
		ones[j] = 1
	}
	x.columns = append(x.columns, ones)
	var constant, names []string
	for _, c := range covariates {
		z, _, varies := standardise(c.Values, x.rows)
		if !varies {
			constant = append(constant, fmt.Sprintf("%s (%g)", c.Name, c.Values[x.rows[0]]))
			names = append(names, c.Name)
		}
		x.names = append(x.names, c.Name)
		x.columns = append(x.columns, z)
	}
	if constant != nil {
		return nil, &Redundant{names, fmt.Sprintf("the same value in all %d analysed samples: covariate %s; leave it out",
			len(x.rows), strings.Join(constant, ", covariate "))}
	}
	return x, x.checkRank()
}

// A Redundant error says that there is no unique fit with these covariates, which the
// intercept and the covariates before them determine.
type Redundant struct {
	Covariates []string // by name
	text       string
}

func (r *Redundant) Error() string { return r.text }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// blame says what is missing most, to help with a table that leaves nobody.
func blame(known []bool, covariates []Covariate, offset []float64) string {
	trait := 0
	for _, ok := range known {
		if ok {
			trait++
		}
	}
	least, name := len(known)+1, ""
	count := func(what string, values []float64) {
		n := 0
		for i, v := range values {
			if known[i] && finite(v) {
				n++
			}
		}
		if n < least {
			least, name = n, what
		}
	}
	for _, c := range covariates {
		count("covariate "+c.Name, c.Values)
	}
	if offset != nil {
		count("the offset", offset)
	}
	if name == "" || trait == 0 {
		return fmt.Sprintf(": %d have the trait", trait)
	}
	return fmt.Sprintf(": %d have the trait, and of these %d have %s", trait, least, name)
}

// standardise returns the rows' values, brought to mean 0 and variance 1, and
// their standard deviation. It says whether they vary by more than rounding.
func standardise(values []float64, rows []int) (z []float64, sd float64, varies bool) {
	mean, largest := 0.0, 0.0
	for k, i := range rows {
		// A running mean does not overflow.
		mean += (values[i] - mean) / float64(k+1)
		largest = max(largest, math.Abs(values[i]))
	}
	z = make([]float64, len(rows))
	spread := 0.0
	for k, i := range rows {
		z[k] = values[i] - mean
		spread = max(spread, math.Abs(z[k]))
	}
	if spread <= 1e-12*largest {
		return z, 0, false
	}
	ss := 0.0
	for k := range z {
		z[k] /= spread
		ss += z[k] * z[k]
	}
	root := math.Sqrt(ss / float64(len(z)))
	for k := range z {
		z[k] /= root
	}
	return z, root * spread, true
}

// collinear is the share of a covariate's standard deviation that has to be left
// once the covariates before it are regressed out. Values in tables have some
// six digits: what is below is their rounding.
const collinear = 1e-6

// checkRank returns an error that names the covariates of the first linear
// dependence.
func (x *design) checkRank() error {
	n := math.Sqrt(float64(len(x.rows)))
	basis, triangle := orthonormalise(x.columns, nil)
	for j := range basis {
		if triangle[j][j] > collinear*n {
			continue
		}
		// What is left of column j is nothing, so its coefficients on the columns
		// before it solve the triangular system.
		b := make([]float64, j)
		for k := j - 1; k >= 0; k-- {
			b[k] = triangle[k][j]
			for l := k + 1; l < j; l++ {
				b[k] -= triangle[k][l] * b[l]
			}
			b[k] /= triangle[k][k]
		}
		var others []string
		for k := 1; k < j; k++ {
			if math.Abs(b[k]) > 10*collinear {
				others = append(others, x.names[k])
			}
		}
		return &Redundant{x.names[j : j+1], fmt.Sprintf("covariate %s is a linear combination of %s; leave one of them out",
			x.names[j], strings.Join(others, ", "))}
	}
	return nil
}

// pick returns the analysed samples' values.
func (x *design) pick(values []float64) []float64 {
	out := make([]float64, len(x.rows))
	for k, i := range x.rows {
		out[k] = values[i]
	}
	return out
}
