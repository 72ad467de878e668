package joint

import (
	"cmp"
	"math"
	"slices"
)

// riskSets adds up the partial likelihood of a site's rows, with Efron's treatment of ties
// (Efron 1977), as R's coxph does by default. Risk sets are of the site alone: pooled ones
// would open single persons.
func (f *Fit) riskSets(d *Data, s *step) {
	order, ends := d.latestFirst()
	p := f.parameters()
	rows, etas := make([][]float64, len(order)), make([]float64, len(order))
	for k, i := range order {
		rows[k] = f.row(d, i, nil)
		etas[k] = f.eta(rows[k])
	}
	risk, highest := newMoments(p), math.Inf(-1)
	k := 0
	for _, end := range ends {
		before := highest
		highest = max(highest, slices.Max(etas[k:end]))
		if k > 0 && highest > before {
			risk.times(math.Exp(before - highest))
		}
		dead, events := newMoments(p), 0
		for ; k < end; k++ {
			// A factor that a risk set has in common cancels.
			e, z := math.Exp(etas[k]-highest), rows[k]
			risk.add(z, e)
			if d.Y[order[k]] == 1 {
				events++
				dead.add(z, e)
				s.loglik += etas[k] - highest
				for j, x := range z {
					s.gradient[j] += x
				}
			}
		}
		for r := range events {
			share := float64(r) / float64(events)
			s0 := risk.zero - float64(share*dead.zero)
			s.loglik -= math.Log(s0)
			for j := range p {
				mean := (risk.one[j] - float64(share*dead.one[j])) / s0
				s.gradient[j] -= mean
				for l := range j + 1 {
					other := (risk.one[l] - float64(share*dead.one[l])) / s0
					s.information[j][l] += (risk.two[j][l]-float64(share*dead.two[j][l]))/s0 - float64(mean*other)
				}
			}
		}
	}
}

// latestFirst has the rows from the latest time to the earliest, and where each of the times
// ends.
func (d *Data) latestFirst() (order, ends []int) {
	order = make([]int, len(d.Y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.Time[b], d.Time[a]) })
	apart := apart(d.Time, order)
	for k := range order {
		if next := k + 1; next == len(order) || d.Time[order[k]]-d.Time[order[next]] > apart {
			ends = append(ends, next)
		}
	}
	return order, ends
}

// apart is up to how far two times that follow each other are one: what rounding makes of
// differences between dates is no order. It is what coxph takes (aeqSurv in R's survival).
func apart(times []float64, order []int) float64 {
	total, n := 0.0, 0
	for k, i := range order {
		if k == 0 || times[i] != times[order[k-1]] {
			total += math.Abs(times[i])
			n++
		}
	}
	return 0x1p-26 * max(1, total/float64(max(n, 1)))
}

// moments are sums of e^η times 1, z and zz'.
type moments struct {
	zero float64
	one  []float64
	two  [][]float64
}

func newMoments(p int) *moments {
	s := newStep(p)
	return &moments{one: s.gradient, two: s.information}
}

func (m *moments) times(x float64) {
	m.zero *= x
	for j := range m.one {
		m.one[j] *= x
		for l := range m.two[j] {
			m.two[j][l] *= x
		}
	}
}

func (m *moments) add(z []float64, e float64) {
	m.zero += e
	for j, x := range z {
		ex := float64(e * x)
		m.one[j] += ex
		for l, y := range z[:j+1] {
			m.two[j][l] += float64(ex * y)
		}
	}
}
