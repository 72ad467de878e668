package glm

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrSeparation is in errors of covariates that separate cases from controls.
var ErrSeparation = errors.New("so there is no finite logistic fit; leave out covariates or samples")

// checkSeparation looks for a covariate that alone separates cases from
// controls: all values of one group are at or beyond all of the other's.
func (x *design) checkSeparation(cases []float64) error {
	for j := 1; j < len(x.columns); j++ {
		var low, high [2]float64 // of controls, of cases
		for group := range low {
			low[group], high[group] = math.Inf(1), math.Inf(-1)
		}
		for i, v := range x.columns[j] {
			group := int(cases[i])
			low[group], high[group] = min(low[group], v), max(high[group], v)
		}
		if high[0] <= low[1] || high[1] <= low[0] {
			return fmt.Errorf("covariate %s separates cases from controls (the values of one group all lie at or beyond those of the other), %w", x.names[j], ErrSeparation)
		}
	}
	return nil
}

// separatedAlong decides whether a diverging fit is one of separated groups: its
// last step then raises the logits of cases only and lowers those of controls
// only. Samples on the border stay where they are; their fit has converged.
func (x *design) separatedAlong(cases, step []float64) error {
	largest := 0.0
	for _, s := range step {
		if math.IsNaN(s) {
			return nil
		}
		largest = max(largest, math.Abs(s))
	}
	for i, s := range step {
		if cases[i] == 0 {
			s = -s
		}
		if s < -1e-3*largest {
			return nil
		}
	}
	// The step is a combination of the columns. Its coefficients name those that
	// take part.
	basis, triangle := orthonormalise(x.columns, nil)
	b := make([]float64, len(basis))
	biggest := 0.0
	for j := len(basis) - 1; j >= 0; j-- {
		b[j] = dot(basis[j], step, nil)
		for l := j + 1; l < len(basis); l++ {
			b[j] -= triangle[j][l] * b[l]
		}
		b[j] /= triangle[j][j]
		if j > 0 {
			biggest = max(biggest, math.Abs(b[j]))
		}
	}
	var names []string
	for j := 1; j < len(b); j++ {
		if math.Abs(b[j]) > 1e-3*biggest {
			names = append(names, x.names[j])
		}
	}
	return fmt.Errorf("covariates %s together separate cases from controls, %w", strings.Join(names, ", "), ErrSeparation)
}
