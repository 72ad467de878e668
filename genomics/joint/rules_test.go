package joint

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/fixedpoint"
)

// TestHonestFitsAreAllowed: no site refuses at any round where all are honest. Seed 25 is one
// of those of hundreds that came closest to the limits.
func TestHonestFitsAreAllowed(t *testing.T) {
	for _, kind := range []Kind{Linear, Logistic, Cox} {
		for _, few := range []bool{true, false} {
			for _, spread := range []float64{0.8, 1.4} {
				for _, common := range []float64{0.02, 0.15, 0.5} {
					for _, seed := range []uint64{25} {
						r := rand.New(rand.NewPCG(seed, 78))
						m, sites := consortium(r, kind, few, spread, common)
						if _, err := allowedRun(m, sites); err != nil {
							t.Errorf("%s, few rows %t, spread %g, common %g, seed %d: %v", kind, few, spread, common, seed, err)
						}
					}
				}
			}
		}
	}
}

// TestRareOutcomeAmongCommon: a site of cases and controls half and half, among cohorts where
// one in three hundred has the outcome, is allowed.
func TestRareOutcomeAmongCommon(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 9))
	var sites []*Data
	for s, n := range []int{20_000, 20_000, 1000} {
		d := &Data{X: make([][]float64, 2)}
		for i := range n {
			x, z := r.NormFloat64(), r.NormFloat64()
			y := 0.0
			if s == 2 && i%2 == 0 || s < 2 && r.Float64() < 1/(1+math.Exp(6-0.7*x)) {
				y = 1
			}
			d.X[0], d.X[1], d.Y = append(d.X[0], x), append(d.X[1], z), append(d.Y, y)
		}
		sites = append(sites, d)
	}
	if _, err := allowedRun(Model{Kind: Logistic, Columns: []string{"x", "z"}}, sites); err != nil {
		t.Error(err)
	}
}

// victim makes a site of rows whose columns are functions of the row's number.
func victim(n int, y func(i int) float64, columns ...func(i int) float64) *Data {
	d := &Data{X: make([][]float64, len(columns))}
	for i := range n {
		for j, column := range columns {
			d.X[j] = append(d.X[j], column(i))
		}
		d.Y, d.Time = append(d.Y, y(i)), append(d.Time, float64(1+(i*7919)%n))
	}
	return d
}

func flag(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func noise(seed uint64) func(int) float64 {
	r := rand.New(rand.NewPCG(seed, 10))
	return func(int) float64 { return r.NormFloat64() }
}

func half(i int) float64 { return flag(i%2 == 1) }

func names(d *Data) (names []string) {
	for j := range d.X {
		names = append(names, string(rune('a'+j)))
	}
	return names
}

// TestColumnsThatSingleOut: a column that tells a row, or a difference of columns that does.
func TestColumnsThatSingleOut(t *testing.T) {
	for _, c := range []struct {
		name   string
		n      int
		column func(i int) float64
		want   string // "" where it is allowed
	}{
		{"one person", 130, func(i int) float64 { return flag(i == 46) }, "row 47 stands nearly alone in column c"},
		{"all but one", 5000, func(i int) float64 { return flag(i != 46) }, "row 47 stands nearly alone in column c"},
		{"two persons", 130, func(i int) float64 { return flag(i == 46 || i == 90) }, "stands nearly alone in column c"},
		{"three of few", 130, func(i int) float64 { return flag(i%50 == 6) }, ""},
		{"four persons", 400, func(i int) float64 { return flag(i%100 == 6) }, "stands nearly alone in column c"},
		{"six persons", 600, func(i int) float64 { return flag(i%100 == 6) }, ""},
		{"far out", 400, func(i int) float64 { return math.Sin(float64(i)) + 1000*flag(i == 46) }, "row 47 stands nearly alone in column c"},
		{"a little unlike another", 1000, func(i int) float64 { return half(i) + 1e-9*flag(i == 46) }, "row 47 stands nearly alone in column c"},
		{"huge", 1000, func(i int) float64 { return 1e280 * flag(i == 46) }, "row 47 stands nearly alone in column c"},
		{"constant", 130, func(int) float64 { return 1.1e7 }, ""},
		{"nothing", 130, func(int) float64 { return 0 }, ""},
		{"the same as another", 130, half, ""},
		{"another in other units", 130, func(i int) float64 { return 0.1 + 0.3*half(i) }, ""},
	} {
		d := victim(c.n, half, noise(1), half, c.column)
		for _, kind := range []Kind{Linear, Logistic, Cox} {
			f, err := NewFit(Model{Kind: kind, Columns: names(d)})
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Allowed(d); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%s, %s: %v", kind, c.name, err)
			}
		}
	}
}

// TestTwoPersons: an indicator of two has leverage ½, and that is too much.
func TestTwoPersons(t *testing.T) {
	for n := range 100 {
		d := victim(130, half, func(i int) float64 { return flag(i == n || i == n+1) })
		f, err := NewFit(Model{Kind: Linear, Columns: names(d)})
		if err != nil {
			t.Fatal(err)
		}
		refuses(t, "two persons", f, d, "stands nearly alone in column a")
	}
}

// TestFewRows: ten rows for each column, at every round.
func TestFewRows(t *testing.T) {
	all := []*Data{victim(1000, half, noise(1), noise(2), noise(3)), victim(29, half, noise(4), noise(5), noise(6))}
	f, err := NewFit(Model{Kind: Logistic, Columns: names(all[0])})
	if err != nil {
		t.Fatal(err)
	}
	for !f.Done {
		if err := f.Allowed(all[1]); err == nil || !strings.HasPrefix(err.Error(), "29 rows for 3 columns: ") {
			t.Errorf("round %d: %v", f.Round, err)
		}
		if err := f.Allowed(all[0]); err != nil {
			t.Errorf("round %d: %v", f.Round, err)
		}
		sums, err := total(f, all)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Advance(sums); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Allowed(all[0]); err == nil {
		t.Error("a complete fit has another round")
	}
	if err := f.Allowed(&Data{Y: []float64{1}}); err == nil {
		t.Error("rows that do not fit the model are allowed")
	}
}

// steered begins a fit of a site and others like it, whose totals lead to each θ: a site that
// adds what is missing in the total may choose it. θ is in the columns' own units.
func steered(t *testing.T, kind Kind, d *Data) (f *Fit, to func(theta ...float64)) {
	t.Helper()
	f, err := NewFit(Model{Kind: kind, Columns: names(d)})
	if err != nil {
		t.Fatal(err)
	}
	other := &Data{X: d.X, Time: d.Time}
	for i := range d.Y {
		other.Y = append(other.Y, half(i))
	}
	sums, err := total(f, []*Data{d, other})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Advance(sums); err != nil {
		t.Fatal(err)
	}
	return f, func(theta ...float64) {
		t.Helper()
		first := len(theta) - len(f.Columns)
		want := slices.Clone(theta)
		for j := range f.Columns {
			want[first+j] *= f.SD[j]
			if first > 0 {
				want[0] += theta[first+j] * f.Mean[j]
			}
		}
		s := newStep(len(want))
		for j := range want {
			s.gradient[j], s.information[j][j] = f.Rows*(want[j]-f.Theta[j]), f.Rows
		}
		var sums []fixedpoint.Int128
		for _, v := range s.values() {
			x, err := fixedpoint.Of(v, Fraction)
			if err != nil {
				t.Fatal(err)
			}
			sums = append(sums, x)
		}
		if err := f.Advance(sums); err != nil {
			t.Fatal(err)
		}
		for j, x := range want {
			if math.Abs(f.Theta[j]-x) > 1e-9*max(1, math.Abs(x)) {
				t.Fatalf("θ is %v, want %v", f.Theta, want)
			}
		}
	}
}

// gradient is what a site's sums of the round tell of its columns.
func gradient(t *testing.T, f *Fit, d *Data) []float64 {
	t.Helper()
	sums, err := f.Sums(d)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]float64, len(sums))
	for i, x := range sums {
		values[i] = x.Float(Fraction)
	}
	return f.unpack(values).gradient
}

func refuses(t *testing.T, name string, f *Fit, d *Data, want string) {
	t.Helper()
	if err := f.Allowed(d); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}

// In these attacks 20 rows have a, 20 have b, and row 8 alone has both.
func hasA(i int) float64 { return flag(i%20 == 7) }
func hasB(i int) float64 { return flag(i == 7 || i%20 == 3 && i != 3) }

// TestTwoRoundsThatDifferInARow: θ chosen such that row 8 alone changes sides. The difference
// of the sums is the row, to three digits, and no site makes them.
func TestTwoRoundsThatDifferInARow(t *testing.T) {
	hidden := noise(3)
	side := func(i int) float64 { return flag(i%20 >= 10) } // has the outcome
	d := victim(400, side, hasA, hasB, side, hidden)
	f, to := steered(t, Logistic, d)
	to(-10, 0, 0, 20, 0)
	if err := f.Allowed(d); err != nil {
		t.Fatal("the first of both is no attack yet: ", err)
	}
	before := gradient(t, f, d)
	to(-30, 20, 20, 40, 0)
	after := gradient(t, f, d)
	for j, z := range f.row(d, 7, nil) {
		if got := before[j] - after[j]; math.Abs(got-z) > 0.05 {
			t.Errorf("%s of the row is %g, and the attack has %g", f.name(j), z, got)
		}
	}
	refuses(t, "a row that changes sides", f, d, "row 8 stands nearly alone at the coefficients")
}

// TestWeightsThatDifferInARow: θ chosen such that all rows but one weigh what they did, on
// the other side or not.
func TestWeightsThatDifferInARow(t *testing.T) {
	d := victim(400, half, hasA, hasB, noise(3))
	f, to := steered(t, Logistic, d)
	to(1, 0, 0, 0)
	if err := f.Allowed(d); err != nil {
		t.Fatal("the first of both is no attack yet: ", err)
	}
	to(-1, 2, 2, 0)
	refuses(t, "a weight that changes", f, d, "row 8 stands nearly alone at the coefficients")
}

// TestRowThatIsExpectedAlone: where nobody has the outcome, θ may fit well and expect it of
// one row, whose columns the sums then are.
func TestRowThatIsExpectedAlone(t *testing.T) {
	d := victim(400, func(int) float64 { return 0 }, hasA, hasB, noise(4))
	for _, steep := range []float64{8, 10, 20, 40, 1000} {
		f, to := steered(t, Logistic, d)
		to(-1.5*steep, steep, steep, 0)
		refuses(t, "expected alone", f, d, "row 8 stands nearly alone at the coefficients")
	}
	// And the other way round.
	d.Y = slices.Repeat([]float64{1}, 400)
	f, to := steered(t, Logistic, d)
	to(15, -10, -10, 0)
	refuses(t, "expected not to, alone", f, d, "row 8 stands nearly alone at the coefficients")
}

// TestRowThatHasTheWeight: θ that is sure of all rows but one, and right.
func TestRowThatHasTheWeight(t *testing.T) {
	x := func(i int) float64 {
		if i == 7 {
			return 0
		}
		return 2*half(i) - 1 + math.Sin(float64(i))/5
	}
	for _, n := range []int{130, 5000} {
		d := victim(n, half, x, noise(5))
		for _, steep := range []float64{10, 30, 300} {
			f, to := steered(t, Logistic, d)
			to(0, steep, 0)
			refuses(t, "weight", f, d, "row 8 stands nearly alone at the coefficients")
		}
		f, to := steered(t, Logistic, d)
		to(0, 1, 0)
		if err := f.Allowed(d); err != nil {
			t.Errorf("%d rows: %v", n, err)
		}
	}
}

// TestRowThatHasTheRisk: in a Cox model, a row whose hazard outweighs all others together.
func TestRowThatHasTheRisk(t *testing.T) {
	a := func(i int) float64 { return flag(i%2 == 0 || i == 7) }
	b := func(i int) float64 { return half(i) }
	d := victim(400, half, a, b, noise(6))
	d.Time[7] = 1000
	f, to := steered(t, Cox, d)
	to(9, 9, 0)
	refuses(t, "risk", f, d, "row 8 stands nearly alone at the coefficients")
	f, to = steered(t, Cox, d)
	to(0.7, 0.7, 0.1)
	if err := f.Allowed(d); err != nil {
		t.Error(err)
	}
	to(0, 0, -30)
	refuses(t, "far off", f, d, "the coefficients of this round are far off")
}

// TestFarOff: coefficients that others cannot have found in honest rows.
func TestFarOff(t *testing.T) {
	d := victim(400, half, noise(7), noise(8))
	for _, theta := range [][]float64{{0, 30, 0}, {12, 0, 0}, {-3, 9, 9}, {0, 1e9, 0}} {
		f, to := steered(t, Logistic, d)
		to(theta...)
		refuses(t, "far off", f, d, "the coefficients of this round are far off")
	}
	for _, kind := range []Kind{Logistic, Cox} {
		f, to := steered(t, kind, d)
		to(slices.Repeat([]float64{0.1}, f.parameters())...)
		for _, x := range []float64{1e300, math.Inf(1), math.NaN()} {
			f.Theta = slices.Repeat([]float64{x}, f.parameters())
			if err := f.Allowed(d); err == nil {
				t.Errorf("%s: θ of %g is allowed", kind, x)
			}
		}
	}
}

// TestHazards: what is expected of rows is what the gradient is made of, with ties and
// without, and the deviance is that of the sums.
func TestHazards(t *testing.T) {
	for _, d := range sites(t, Cox, "site", columns) {
		f, to := steered(t, Cox, d)
		to(0.01, 0.02, 0.3, -0.2, 1e-6)
		s, v := f.step(d), f.hazards(d, f.Theta)
		want := make([]float64, len(s.gradient))
		for i, expected := range v.fitted {
			for j, z := range f.row(d, i, nil) {
				want[j] += (d.Y[i] - expected) * z
			}
		}
		for j := range want {
			if math.Abs(s.gradient[j]-want[j]) > 1e-9*f.Rows {
				t.Errorf("gradient %d is %g, by rows %g", j, s.gradient[j], want[j])
			}
		}
		if math.Abs(v.deviance+2*s.loglik) > 1e-9*v.deviance || math.Abs(sum(v.fitted, nil)-sum(d.Y, nil)) > 1e-9*f.Rows {
			t.Errorf("deviance %g, log-likelihood %g; %g events expected of %g", v.deviance, s.loglik, sum(v.fitted, nil), sum(d.Y, nil))
		}
	}
}

// TestCloseToLimits: of all simulated fits, those that came closest to a limit.
func TestCloseToLimits(t *testing.T) {
	for _, c := range []struct {
		kind         Kind
		few          bool
		common       float64
		seed, stream uint64
	}{
		{Logistic, true, 0.02, 5, 78}, {Logistic, false, 0.02, 0, 78}, {Logistic, false, 0.15, 0, 78},
		{Cox, false, 0.02, 34, 79}, {Cox, true, 0.02, 8, 80},
	} {
		m, sites := consortium(rand.New(rand.NewPCG(c.seed, c.stream)), c.kind, c.few, 1.4, c.common)
		if _, err := allowedRun(m, sites); err != nil {
			t.Error(err)
		}
	}
}
