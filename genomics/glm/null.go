package glm

import (
	"fmt"
	"math"
	"slices"
)

// Kind is the regression of a null model.
type Kind string

const (
	Linear   Kind = "linear"
	Logistic Kind = "logistic"
)

// Null is a fitted null model: trait on intercept and covariates, no genotypes.
type Null struct {
	Kind       Kind
	Samples    int // analysed
	Cases      int // among them, 0 for a quantitative trait
	Covariates int // without the intercept; of a categorical one its dummies
	Categories []Category

	// Iterations of Newton's method and the deviance it ended with. A linear model
	// takes one, and its deviance is the sum of squared residuals.
	Iterations int
	Deviance   float64

	size     int // of the cohort
	x        *design
	residual []float64   // r of the analysed samples
	weight   []float64   // w
	cases    []float64   // 1 for a case
	basis    [][]float64 // x₀, x₁, …
}

// Analysed lists the places of the analysed samples in the cohort.
func (n *Null) Analysed() []int { return n.x.rows }

// Has says whether a covariate of that name is in the model.
func (n *Null) Has(covariate string) bool { return slices.Contains(n.x.names[1:], covariate) }

// Fitted says how well the model fits, in the words of its kind: a linear model is
// solved, not iterated.
func (n *Null) Fitted() string {
	if n.Kind == Linear {
		return fmt.Sprintf("residual sum of squares %.6g", n.Deviance)
	}
	iterations := "1 iteration"
	if n.Iterations != 1 {
		iterations = fmt.Sprintf("%d iterations", n.Iterations)
	}
	return fmt.Sprintf("converged after %s, deviance %.6g", iterations, n.Deviance)
}

// spread is the standard deviation that r has in a sample drawn at random.
func (n *Null) spread() float64 {
	total := n.Deviance
	if n.Kind == Logistic {
		total = 0
		for _, w := range n.weight {
			total += w
		}
	}
	return math.Sqrt(total / float64(n.Samples))
}
