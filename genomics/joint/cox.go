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
	order := make([]int, len(d.Y))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(d.Time[b], d.Time[a]) }) // latest first
	p := f.parameters()
	rows, etas := make([][]float64, len(order)), make([]float64, len(order))
	highest := math.Inf(-1)
	for k, i := range order {
		rows[k] = f.row(d, i, nil)
		etas[k] = f.eta(rows[k])
		highest = max(highest, etas[k])
	}
	risk := newMoments(p)
	for k := 0; k < len(order); {
		dead := newMoments(p)
		events := 0
		end := k
		for ; end < len(order) && d.Time[order[end]] == d.Time[order[k]]; end++ {
			// A factor that all have in common cancels.
			e, z := math.Exp(etas[end]-highest), rows[end]
			risk.add(z, e)
			if d.Y[order[end]] == 1 {
				events++
				dead.add(z, e)
				s.loglik += etas[end] - highest
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
		k = end
	}
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
