package glm

import (
	"errors"
	"math"
)

// FitLinear regresses a quantitative trait, one value a sample and NaN where it is
// missing, on intercept and covariates. Samples with anything missing are not
// analysed.
//
// The offset, nil for none, is each sample's polygenic prediction in the units of
// REGENIE's step 1: standard deviations of what the covariates leave of the
// trait, Σr²/(n−K) being the variance. Samples with NaN are not analysed.
//
// It is an error, naming the covariates where they are the reason, when too few
// samples are left, a covariate or the trait does not vary among them,
// covariates are collinear or explain the trait completely.
func FitLinear(trait []float64, covariates []Covariate, offset []float64) (*Null, error) {
	known := make([]bool, len(trait))
	for i, v := range trait {
		known[i] = finite(v)
	}
	x, err := newDesign(known, covariates, offset)
	if err != nil {
		return nil, err
	}
	z, unit, varies := standardise(trait, x.rows)
	if !varies {
		return nil, errors.New("the trait has the same value in all analysed samples")
	}
	basis, _ := orthonormalise(x.columns, nil)
	residual := project(z, basis)
	left := dot(residual, residual, nil)
	if left < collinear*collinear*float64(len(z)) {
		return nil, errors.New("the covariates explain the trait completely; is it among them?")
	}
	// z is in units of the trait's own standard deviation. Back to the trait's.
	for k := range residual {
		residual[k] *= unit
	}
	if offset != nil {
		sd := unit * math.Sqrt(left/float64(len(z)-len(basis)))
		axpy(residual, -sd, project(x.pick(offset), basis))
	}
	weight := x.columns[0]
	return &Null{
		Kind: Linear, Samples: len(x.rows), Covariates: len(x.columns) - 1, Categories: x.categories,
		Iterations: 1, Deviance: dot(residual, residual, nil),
		size: len(trait), x: x, residual: residual, weight: weight, basis: basis,
	}, nil
}

// project returns what an orthonormal basis leaves of y. The second pass removes
// the rounding of the first.
func project(y []float64, basis [][]float64) []float64 {
	r := append([]float64(nil), y...)
	for range 2 {
		for _, b := range basis {
			axpy(r, -dot(b, r, nil), b)
		}
	}
	return r
}
