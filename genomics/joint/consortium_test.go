package joint

import (
	"fmt"
	"math"
	"math/rand/v2"

	"genoveil/genomics/fixedpoint"
)

// A column of a simulated consortium, of a kind that tables have.
type simulated struct {
	draw   func(r *rand.Rand, shift float64) (x, z float64) // z is what the outcome follows
	effect float64
}

// simulatedColumns are measurements that differ between sites, yes or no of one row in five
// or more, and long tails.
func simulatedColumns(r *rand.Rand, spread float64) (columns []simulated) {
	n := 2 + r.IntN(11)
	for range n {
		c := simulated{effect: spread * r.NormFloat64() / math.Sqrt(float64(n))}
		switch r.IntN(3) {
		case 0:
			c.draw = func(r *rand.Rand, shift float64) (x, z float64) {
				z = r.NormFloat64() + shift
				return 50 + 12*z, z
			}
		case 1:
			share := 0.2 + 0.3*r.Float64()
			c.draw = func(r *rand.Rand, _ float64) (x, z float64) {
				if r.Float64() < share {
					x = 1
				}
				return x, (x - share) / math.Sqrt(share*(1-share))
			}
		default:
			tail := 0.1 + 0.15*r.Float64()
			c.draw = func(r *rand.Rand, _ float64) (x, z float64) {
				z = r.NormFloat64()
				return math.Exp(3.25 + tail*z), z
			}
		}
		columns = append(columns, c)
	}
	return columns
}

// consortium simulates sites. Spread is the standard deviation of the linear predictor,
// common the share of rows with the outcome. Sites differ in that share, and some have the
// outcome in no row or in all.
func consortium(r *rand.Rand, kind Kind, few bool, spread, common float64) (Model, []*Data) {
	m, columns := Model{Kind: kind}, simulatedColumns(r, spread)
	for j := range columns {
		m.Columns = append(m.Columns, fmt.Sprintf("c%d", j))
	}
	var sites []*Data
	for range 3 + r.IntN(62) {
		n := 130
		if !few {
			n = int(130 * math.Pow(20, r.Float64()))
		}
		d, shift := &Data{X: make([][]float64, len(columns))}, make([]float64, len(columns))
		for j := range shift {
			shift[j] = r.NormFloat64() / 2
		}
		intercept, follow, special := math.Log(common/(1-common))+0.7*r.NormFloat64(), 0.5+r.Float64(), r.IntN(12)
		for range n {
			eta, y := 0.0, 0.0
			for j, c := range columns {
				x, z := c.draw(r, shift[j])
				d.X[j] = append(d.X[j], x)
				eta += c.effect * z
			}
			switch {
			case kind == Linear:
				y = 100 + 7*(intercept+eta+r.NormFloat64())
			case kind == Logistic:
				if r.Float64() < 1/(1+math.Exp(-intercept-eta)) && special != 0 || special == 1 && common > 0.1 {
					y = 1
				}
			default:
				time, end := r.ExpFloat64()/math.Exp(eta), -math.Log1p(-common)*follow
				if special == 0 {
					end = math.Inf(1)
				}
				if time <= end {
					y = 1
				}
				if time = min(time, end); special == 1 {
					time = math.Ceil(time * 10)
				}
				d.Time = append(d.Time, time)
			}
			d.Y = append(d.Y, y)
		}
		sites = append(sites, d)
	}
	return m, sites
}

// allowedRun lets sites ask whether they may take part, and fits a model over them.
func allowedRun(m Model, sites []*Data) (*Fit, error) {
	f, err := NewFit(m)
	for err == nil && !f.Done {
		for s, d := range sites {
			if err := f.Allowed(d); err != nil {
				return nil, fmt.Errorf("round %d, site %d of %d, with %d rows and %g events: %w", f.Round, s, len(sites), len(d.Y), sum(d.Y, nil), err)
			}
		}
		var all []fixedpoint.Int128
		if all, err = total(f, sites); err == nil {
			err = f.Advance(all)
		}
	}
	return f, err
}

func total(f *Fit, sites []*Data) ([]fixedpoint.Int128, error) {
	total := make([]fixedpoint.Int128, f.Len())
	for _, d := range sites {
		sums, err := f.Sums(d)
		if err != nil {
			return nil, err
		}
		for i := range total {
			total[i] = total[i].Plus(sums[i])
		}
	}
	return total, nil
}
