package glm

import (
	"fmt"
	"math"

	"genoveil/genomics/pheno"
)

const (
	// maxIterations leaves room for strong covariates; most fits take six. Where
	// covariates separate cases from controls every iteration moves the fit by
	// about 1 on the logit scale, and 40 are enough to see it.
	maxIterations = 40

	// converged is the last step's largest change of a logit. Newton's method has
	// squared it by the time it stops.
	converged = 1e-8
)

// FitLogistic regresses the log-odds of being a case on intercept and covariates,
// by Newton's method. Samples with anything missing are not analysed.
//
// The offset, nil for none, is each sample's polygenic prediction in log-odds, as
// REGENIE's step 1 writes it. Samples with NaN are not analysed.
//
// It is an error, naming the covariates where they are the reason, when too few
// samples are left, only cases or only controls, a covariate does not vary among
// them, covariates are collinear, or separate cases from controls so that there
// is no finite fit.
func FitLogistic(status []pheno.Status, covariates []Covariate, offset []float64) (*Null, error) {
	known := make([]bool, len(status))
	for i, s := range status {
		known[i] = s != pheno.Absent
	}
	x, err := newDesign(known, covariates, offset)
	if err != nil {
		return nil, err
	}
	n := &Null{
		Kind: Logistic, Samples: len(x.rows), Covariates: len(x.columns) - 1, Categories: x.categories, size: len(status), x: x,
		residual: make([]float64, len(x.rows)), weight: make([]float64, len(x.rows)), cases: make([]float64, len(x.rows)),
	}
	for k, i := range x.rows {
		if status[i] == pheno.Case {
			n.cases[k] = 1
			n.Cases++
		}
	}
	if n.Cases == 0 || n.Cases == n.Samples {
		return nil, fmt.Errorf("%d cases and %d controls have all covariates; both are needed", n.Cases, n.Samples-n.Cases)
	}
	if err := x.checkSeparation(n.cases); err != nil {
		return nil, err
	}
	logit := make([]float64, n.Samples)
	if offset != nil {
		logit = x.pick(offset)
	}
	odds := float64(n.Cases) / float64(n.Samples-n.Cases)
	axpy(logit, math.Log(odds), x.columns[0])
	if err := n.iterate(logit); err != nil {
		return nil, err
	}
	return n, nil
}

// iterate takes Newton's steps from the given logits. In a basis orthonormal
// under the weights a step is the projection of the residual.
func (n *Null) iterate(logit []float64) error {
	n.Deviance = deviance(n.cases, logit)
	for n.Iterations = 1; ; n.Iterations++ {
		residuals(n.cases, logit, n.residual, n.weight)
		n.basis, _ = orthonormalise(n.x.columns, n.weight)
		step := make([]float64, n.Samples)
		for _, b := range n.basis {
			axpy(step, dot(b, n.residual, nil), b)
		}
		size := n.advance(logit, step)
		if size < converged {
			residuals(n.cases, logit, n.residual, n.weight)
			n.basis, _ = orthonormalise(n.x.columns, n.weight)
			return nil
		}
		// Not a number means that all weights of some direction have underflown.
		if n.Iterations == maxIterations || math.IsNaN(size) {
			if err := n.x.separatedAlong(n.cases, step); err != nil {
				return err
			}
			return fmt.Errorf("the logistic fit has not converged after %d iterations (deviance %g); look for extreme values among the covariates",
				n.Iterations, n.Deviance)
		}
	}
}

// advance adds the step to the logits, halving it until the deviance does not
// rise, and returns the largest change.
func (n *Null) advance(logit, step []float64) float64 {
	share, largest := 1.0, 0.0
	for i := range step {
		if math.IsNaN(step[i]) {
			return math.NaN()
		}
		largest = max(largest, math.Abs(step[i]))
	}
	for {
		axpy(logit, share, step)
		// The slack is rounding, which alone decides next to the maximum.
		d := deviance(n.cases, logit)
		if d <= n.Deviance*(1+1e-12) || share*largest < converged {
			n.Deviance = d
			return share * largest
		}
		axpy(logit, -share, step)
		share /= 2
	}
}

// residuals computes r = y − p and w = p(1−p), without loss where p is near 0 or 1.
func residuals(cases, logit, r, w []float64) {
	for i, l := range logit {
		p, q := 1/(1+math.Exp(-l)), 1/(1+math.Exp(l))
		w[i] = p * q
		r[i] = -p
		if cases[i] == 1 {
			r[i] = q
		}
	}
}

// deviance is −2 log likelihood.
func deviance(cases, logit []float64) float64 {
	d := 0.0
	for i, l := range logit {
		if cases[i] == 1 {
			l = -l
		}
		// log(1 + eˡ)
		d += 2 * (max(l, 0) + math.Log1p(math.Exp(-math.Abs(l))))
	}
	return d
}
