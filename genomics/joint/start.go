package joint

import (
	"math"
	"slices"
)

// startRidge keeps a small site's estimate finite, and little else: with 1, sites of 130
// rows and strong effects were so far from the estimate that the rounds did not suffice.
const startRidge = 0.3

// startRounds bounds a site's own steps; what they have reached by then serves as well.
const startRounds = 25

// start is a step in which every site is at its own estimate θ_h in place of Theta: the
// total of I_h·(θ_h − Theta) + gradient_h and of I_h leads to the average of the estimates,
// weighted by information, from where Newton's method takes few rounds and does not
// overshoot. A small site may have no estimate, so that its way from Theta has a small
// ridge, which the gradient makes good.
func (f *Fit) start(d *Data) *step {
	own := *f
	own.Theta = slices.Clone(f.Theta)
	away := func() []float64 {
		way := make([]float64, len(f.Theta))
		for j := range way {
			way[j] = own.Theta[j] - f.Theta[j]
		}
		return way
	}
	var best *step
	at, reached := own.Theta, 0.0
	for k := range startRounds {
		s := own.step(d)
		way := away()
		value := s.loglik - float64(startRidge*sum(way, way)/2)
		if k > 0 && !(value >= reached) {
			own.Theta = halfway(at, own.Theta)
			continue
		}
		best, at, reached = s, own.Theta, value
		information, gradient := newStep(len(way)).information, make([]float64, len(way))
		for j := range way {
			copy(information[j], s.information[j])
			information[j][j] += startRidge
			gradient[j] = s.gradient[j] - float64(startRidge*way[j])
		}
		triangle, err := own.decompose(information)
		if err != nil {
			break
		}
		way = solve(triangle, gradient)
		own.Theta = plus(at, way)
		if largest(way) < 1e-3 {
			break
		}
	}
	own.Theta = at
	for j, x := range away() {
		for k := range at {
			best.gradient[k] += float64(best.information[max(j, k)][min(j, k)] * x)
		}
	}
	return best
}

func plus(a, b []float64) []float64 {
	c := slices.Clone(a)
	for j := range c {
		c[j] += b[j]
	}
	return c
}

func halfway(a, b []float64) []float64 {
	c := plus(a, b)
	for j := range c {
		c[j] /= 2
	}
	return c
}

// largest is the largest of the absolute values.
func largest(values []float64) (x float64) {
	for _, v := range values {
		x = max(x, math.Abs(v))
	}
	return x
}
