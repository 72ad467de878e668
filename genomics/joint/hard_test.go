package joint

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/fixedpoint"
)

// split deals rows to n sites.
func split(d *Data, n int) (sites []*Data) {
	for s := range n {
		part := &Data{X: make([][]float64, len(d.X))}
		for i := s; i < len(d.Y); i += n {
			part.Y = append(part.Y, d.Y[i])
			if d.Time != nil {
				part.Time = append(part.Time, d.Time[i])
			}
			for j := range d.X {
				part.X[j] = append(part.X[j], d.X[j][i])
			}
		}
		sites = append(sites, part)
	}
	return sites
}

// isEstimate asserts that a fit is at the maximum of a concave log-likelihood, where the
// step that is left is no 1e-9 of a standard error, and has the information there.
func isEstimate(t *testing.T, name string, f *Fit, sites []*Data) {
	t.Helper()
	all := newStep(f.parameters())
	for _, d := range sites {
		s := f.step(d)
		for j := range all.gradient {
			all.gradient[j] += s.gradient[j]
			for k := range j + 1 {
				all.information[j][k] += s.information[j][k]
			}
		}
	}
	triangle, err := f.decompose(all.information)
	if err != nil {
		t.Fatal(err)
	}
	for j, x := range solve(triangle, all.gradient) {
		unit := make([]float64, len(all.gradient))
		unit[j] = 1
		if se := math.Sqrt(solve(triangle, unit)[j]); math.Abs(x) > 1e-9*se {
			t.Errorf("%s: a step of %g is left at %s, whose SE is %g", name, x, f.name(j), se)
		}
		if a, b := all.information[j][j], f.information[j][j]; math.Abs(a-b) > 1e-9*a {
			t.Errorf("%s: information %g, want %g", name, b, a)
		}
	}
}

// TestHardFits: outcomes of one in a hundred, strong effects, long tails and few rows a
// column have fits, as they have in R, where plain steps from no effect ran away.
func TestHardFits(t *testing.T) {
	type rows func(r *rand.Rand) (x []float64, eta float64)
	for _, c := range []struct {
		name string
		n    int
		row  rows
	}{
		{"rare", 3000, func(r *rand.Rand) ([]float64, float64) {
			x := []float64{r.NormFloat64(), 0, r.ExpFloat64()}
			if r.IntN(50) == 0 {
				x[1] = 1
			}
			return x, -5.5 + 1.2*x[0] + 2.5*x[1]
		}},
		{"strong", 400, func(r *rand.Rand) ([]float64, float64) {
			x := []float64{r.NormFloat64(), r.NormFloat64()}
			return x, 8*x[0] - 4*x[1]
		}},
		{"long tails", 1000, func(r *rand.Rand) ([]float64, float64) {
			x := []float64{math.Exp(1.5 * r.NormFloat64()), r.NormFloat64()}
			return x, -6 + x[0] + x[1]
		}},
		{"cubes", 5000, func(r *rand.Rand) ([]float64, float64) {
			z := r.NormFloat64()
			return []float64{z * z * z}, -6 + z*z*z
		}},
		{"few rows", 150, func(r *rand.Rand) ([]float64, float64) {
			x := make([]float64, 15)
			for j := range x {
				x[j] = r.NormFloat64()
			}
			return x, x[0] + x[1] - x[2]
		}},
	} {
		for seed := range uint64(4) {
			r := rand.New(rand.NewPCG(seed, 20))
			var logistic, cox Data
			m := Model{}
			for i := range c.n {
				x, eta := c.row(r)
				if i == 0 {
					logistic.X = make([][]float64, len(x))
					for j := range x {
						m.Columns = append(m.Columns, string(rune('a'+j)))
					}
				}
				for j := range x {
					logistic.X[j] = append(logistic.X[j], x[j])
				}
				y := 0.0
				if r.Float64() < 1/(1+math.Exp(-eta)) {
					y = 1
				}
				logistic.Y = append(logistic.Y, y)
				time, event := r.ExpFloat64()/math.Exp(eta/2), 1.0
				if time > 5 {
					time, event = 5, 0
				}
				cox.Time, cox.Y = append(cox.Time, time), append(cox.Y, event)
			}
			cox.X = logistic.X
			for kind, d := range map[Kind]*Data{Logistic: &logistic, Cox: &cox} {
				m.Kind = kind
				sites := split(d, 3)
				f, err := run(m, sites)
				if err != nil {
					t.Errorf("%s, %s: %v", kind, c.name, err)
					continue
				}
				isEstimate(t, string(kind)+", "+c.name, f, sites)
			}
		}
	}
}

// TestHalfway: a total that led too far is gone back on, by half.
func TestHalfway(t *testing.T) {
	sites := sites(t, Logistic, "site", columns)
	f, err := NewFit(Model{Kind: Logistic, Columns: columns})
	for err == nil && !f.Done {
		total := make([]fixedpoint.Int128, f.Len())
		for _, d := range sites {
			sums, err := f.Sums(d)
			if err != nil {
				t.Fatal(err)
			}
			for i := range total {
				total[i] = total[i].Plus(sums[i])
			}
		}
		from := slices.Clone(f.Theta)
		err = f.Advance(total)
		switch f.Round {
		case 3: // send it ten times as far
			for j := range f.Theta {
				f.Theta[j] = f.from[j] + 300*(f.Theta[j]-f.from[j]) + 3
			}
		case 4:
			if !slices.Equal(f.Theta, halfway(f.from, from)) {
				t.Error("the step was not halved")
			}
			copy(f.Theta, f.from) // and leave it there, for there are not rounds enough
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	isEstimate(t, "after a step that was halved", f, sites)
}

// TestTimesThatAreOne: differences of dates that rounding tells apart are ties, as in R.
func TestTimesThatAreOne(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	var exact, rounded Data
	exact.X = make([][]float64, 1)
	for range 500 {
		x, age, years := r.NormFloat64(), math.Round(3000+3000*r.Float64())/100, float64(1+r.IntN(12))/4
		exact.X[0] = append(exact.X[0], x)
		exact.Y = append(exact.Y, float64(r.IntN(2)))
		exact.Time = append(exact.Time, years)
		rounded.Time = append(rounded.Time, (age+years)-age)
	}
	rounded.X, rounded.Y = exact.X, exact.Y
	if slices.Equal(exact.Time, rounded.Time) {
		t.Fatal("nothing is rounded")
	}
	m := Model{Kind: Cox, Columns: []string{"x"}}
	a, errA := run(m, split(&exact, 2))
	b, errB := run(m, split(&rounded, 2))
	// The order of rows within a tie moves last digits.
	if errA != nil || errB != nil || math.Abs(a.Theta[0]-b.Theta[0]) > 1e-12 {
		t.Errorf("%v, %v: %v and %v", errA, errB, a.Theta, b.Theta)
	}
}

// TestAllEvents: Cox regression needs nobody without the event.
func TestAllEvents(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 9))
	d := Data{X: make([][]float64, 1)}
	for range 300 {
		x := r.NormFloat64()
		d.X[0], d.Y, d.Time = append(d.X[0], x), append(d.Y, 1), append(d.Time, r.ExpFloat64()*math.Exp(-x))
	}
	sites := split(&d, 2)
	f, err := run(Model{Kind: Cox, Columns: []string{"x"}}, sites)
	if err != nil {
		t.Fatal(err)
	}
	isEstimate(t, "all events", f, sites)
}

// TestColumnOfSites: a column that is the same in all rows of a site tells nothing to a
// model that has the sites as strata, whatever rounding leaves of it.
func TestColumnOfSites(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 9))
	var sites []*Data
	for s := range 3 {
		d := &Data{X: make([][]float64, 2)}
		for range 4000 {
			x := r.NormFloat64()
			d.X[0], d.X[1] = append(d.X[0], x), append(d.X[1], 0.1+0.7*float64(s*s))
			d.Y, d.Time = append(d.Y, 1), append(d.Time, r.ExpFloat64()*math.Exp(-x))
		}
		sites = append(sites, d)
	}
	_, err := run(Model{Kind: Cox, Columns: []string{"x", "altitude"}}, sites)
	if err == nil || !strings.Contains(err.Error(), "column altitude tells nothing") {
		t.Error(err)
	}
}

// TestPerfectFit: an outcome that the columns determine has no standard errors, which are
// not guessed from rounding errors.
func TestPerfectFit(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 9))
	d := Data{X: make([][]float64, 1)}
	for range 1000 {
		x := r.NormFloat64()
		d.X[0], d.Y = append(d.X[0], x), append(d.Y, 3*x+1e-5*r.NormFloat64())
	}
	if _, err := run(Model{Kind: Linear, Columns: []string{"x"}}, split(&d, 2)); err == nil || !strings.Contains(err.Error(), "the columns determine the outcome") {
		t.Error(err)
	}
}

// TestTotalsOfNoRows: what a hostile site adds to a total is an error, or a fit of numbers,
// and never panics, also for the rows of the next round.
func TestTotalsOfNoRows(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	all := map[Kind][]*Data{}
	for _, kind := range []Kind{Linear, Logistic, Cox} {
		all[kind] = sites(t, kind, "site", columns)
	}
	refused := 0
	for k := range 3000 {
		kind := []Kind{Linear, Logistic, Cox}[k%3]
		f, err := NewFit(Model{Kind: kind, Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		for bad := r.IntN(4); err == nil && !f.Done; bad-- {
			total := make([]fixedpoint.Int128, f.Len())
			for _, d := range all[kind] {
				var sums []fixedpoint.Int128
				if sums, err = f.Sums(d); err != nil {
					break
				}
				for i := range total {
					total[i] = total[i].Plus(sums[i])
				}
			}
			if err != nil {
				break
			}
			if bad == 0 {
				for range 1 + r.IntN(3) {
					wrong := fixedpoint.Int128{Lo: r.Uint64(), Hi: r.Uint64() >> r.IntN(65)}
					if r.IntN(2) == 0 {
						wrong = fixedpoint.Int128{}.Minus(wrong)
					}
					i := r.IntN(len(total))
					total[i] = total[i].Plus(wrong)
				}
			}
			err = f.Advance(total)
		}
		if err != nil {
			refused++
			continue
		}
		for _, x := range f.Theta {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Fatalf("%s: %v without an error", kind, f.Theta)
			}
		}
		if table, err := f.Table(); err == nil {
			for _, c := range table {
				if !(c.SE > 0) || math.IsInf(c.SE, 0) {
					t.Errorf("%s: %+v", kind, c)
				}
			}
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
	f, err := NewFit(Model{Kind: Logistic, Columns: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	half, _ := fixedpoint.Of(100.5, Fraction)
	if err := f.Advance([]fixedpoint.Int128{half, half, {}, {}, {}, {}}); err != errNotOfRows {
		t.Errorf("100.5 rows: %v", err)
	}
}

// TestStartIsOnAllMachines: the first coefficient has few bits, so that the last one of a
// logarithm, which differs between processors, is not in it.
func TestStartIsOnAllMachines(t *testing.T) {
	f, err := NewFit(Model{Kind: Logistic})
	if err != nil {
		t.Fatal(err)
	}
	d := &Data{Y: []float64{0, 1, 0, 0, 0, 0, 1}}
	sums, err := f.Sums(d)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Advance(sums); err != nil {
		t.Fatal(err)
	}
	if x := 1024 * f.Theta[0]; x == 0 || x != math.Trunc(x) {
		t.Errorf("the first coefficient is %v", f.Theta[0])
	}
}

// TestFarCoefficients: sums at coefficients that a step or a hostile total made huge are
// numbers, from which there is a way back.
func TestFarCoefficients(t *testing.T) {
	for _, kind := range []Kind{Linear, Logistic, Cox} {
		all := sites(t, kind, "site", columns)
		f, err := run(Model{Kind: kind, Columns: columns}, all)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []float64{30, 1000, -1e6, 1e9} {
			far := *f
			far.Theta = slices.Clone(f.Theta)
			for j := range far.Theta {
				far.Theta[j] += size
			}
			far.Done = false
			for _, d := range all {
				if _, err := far.Sums(d); err != nil {
					t.Errorf("%s at %g: %v", kind, size, err)
				}
			}
		}
	}
}

// TestLastRound: an estimate that the last round reaches is one, whatever the round before
// was, and what is still on its way is none.
func TestLastRound(t *testing.T) {
	all := sites(t, Logistic, "site", columns)
	for _, c := range []struct {
		off   float64
		fails bool
	}{{1e-8, false}, {1e-3, true}} {
		f, err := run(Model{Kind: Logistic, Columns: columns}, all)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Clone(f.Theta)
		f.Done, f.Round, f.reached, f.way = false, MaxRounds-1, math.Inf(-1), []float64{1, 0, 0, 0, 0, 0}
		f.Theta[1] += c.off
		total := make([]fixedpoint.Int128, f.Len())
		for _, d := range all {
			sums, err := f.Sums(d)
			if err != nil {
				t.Fatal(err)
			}
			for i := range total {
				total[i] = total[i].Plus(sums[i])
			}
		}
		err = f.Advance(total)
		if (err != nil) != c.fails || f.Done == c.fails {
			t.Errorf("off by %g: %v", c.off, err)
		}
		if err == nil && math.Abs(f.Theta[1]-want[1]) > 1e-12 {
			t.Errorf("the estimate is %v, want %v", f.Theta, want)
		}
	}
}

// TestSeparationOverSites: what separates the rows of all sites has no estimate, and is
// named; what separates those of a small site alone does not stop the others.
func TestSeparationOverSites(t *testing.T) {
	m := Model{Kind: Logistic, Columns: []string{"age", "x"}}
	for _, n := range []int{300, 30000} {
		r := rand.New(rand.NewPCG(8, 9))
		d, mixed := Data{X: make([][]float64, 2)}, Data{X: make([][]float64, 2)}
		for range n {
			age, x, y := r.NormFloat64(), r.NormFloat64(), 0.0
			if x > 1 {
				y = 1
			}
			d.X[0], d.X[1], d.Y = append(d.X[0], age), append(d.X[1], x), append(d.Y, y)
			if r.IntN(5) == 0 {
				y = 1 - y
			}
			mixed.X[0], mixed.X[1], mixed.Y = append(mixed.X[0], age), append(mixed.X[1], x), append(mixed.Y, y)
		}
		_, err := run(m, split(&d, 3))
		if err == nil || !strings.Contains(err.Error(), "does not converge: column x may separate") {
			t.Errorf("%d rows: %v", n, err)
		}
		sites := append(split(&mixed, 3), &Data{X: [][]float64{{-1, 1, 0, 2}, {-1, -2, 2, 3}}, Y: []float64{0, 0, 1, 1}})
		f, err := run(m, sites)
		if err != nil {
			t.Fatal(err)
		}
		isEstimate(t, "with a small site", f, sites)
	}
}
