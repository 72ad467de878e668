package joint

import "math"

// A view is how a site's rows look at some coefficients: what sums of a round are made of.
type view struct {
	fitted   []float64 // the outcomes or events expected of each row
	weight   []float64 // of each row in a logistic model's information
	deviance float64   // −2 log-likelihood
}

func (f *Fit) etas(d *Data, theta []float64) []float64 {
	etas, z := make([]float64, len(d.Y)), []float64(nil)
	for i := range etas {
		z = f.row(d, i, z)
		etas[i] = sum(z, theta)
	}
	return etas
}

func (f *Fit) probabilities(d *Data, theta []float64) view {
	v := view{f.etas(d, theta), make([]float64, len(d.Y)), 0}
	for i, eta := range v.fitted {
		p := 1 / (1 + math.Exp(-eta))
		v.fitted[i], v.weight[i] = p, p/(1+math.Exp(eta))
		v.deviance -= 2 * logLikelihood(d.Y[i], eta)
	}
	return v
}

// hazards is the view of a Cox model. What is expected of a row is its relative hazard times the
// cumulative baseline hazard up to its time: the sum over rows is the number of events.
func (f *Fit) hazards(d *Data, theta []float64) view {
	etas := f.etas(d, theta)
	v := view{fitted: make([]float64, len(d.Y))}
	order, ends := d.latestFirst()
	// Risk sets grow from the latest time to the earliest. Logarithms of their sums, as
	// steered coefficients would overflow.
	risk := math.Inf(-1)
	sums := make([][]float64, len(ends)) // of the risk set at each of a time's events
	for g, begin := 0, 0; g < len(ends); g, begin = g+1, ends[g] {
		dead, events := math.Inf(-1), 0
		for _, i := range order[begin:ends[g]] {
			risk = logPlus(risk, etas[i])
			if d.Y[i] == 1 {
				dead, events = logPlus(dead, etas[i]), events+1
				v.deviance -= 2 * etas[i]
			}
		}
		for r := range events {
			s := risk + math.Log1p(-float64(r)/float64(events)*math.Exp(dead-risk))
			sums[g] = append(sums[g], s)
			v.deviance += 2 * s
		}
	}
	baseline := math.Inf(-1)
	for g := len(ends) - 1; g >= 0; g-- {
		begin := 0
		if g > 0 {
			begin = ends[g-1]
		}
		// Efron: who dies at a time leaves the risk set bit by bit.
		dying := baseline
		for r, s := range sums[g] {
			baseline = logPlus(baseline, -s)
			dying = logPlus(dying, math.Log1p(-float64(r)/float64(len(sums[g])))-s)
		}
		for _, i := range order[begin:ends[g]] {
			if d.Y[i] == 1 {
				v.fitted[i] = math.Exp(etas[i] + dying)
			} else {
				v.fitted[i] = math.Exp(etas[i] + baseline)
			}
		}
	}
	return v
}

// logPlus is log(e^a + e^b).
func logPlus(a, b float64) float64 {
	a, b = max(a, b), min(a, b)
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}
