package joint

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics/fixedpoint"
)

// readCSV reads a file of testdata by the names of its columns.
func readCSV(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

var outcomes = map[Kind]string{Linear: "ldl", Logistic: "case", Cox: "event"}

// sites splits the rows by a column.
func sites(t *testing.T, kind Kind, by string, columns []string) []*Data {
	t.Helper()
	split := map[string]*Data{}
	var names []string
	for _, row := range readCSV(t, "testdata/rows.csv") {
		d := split[row[by]]
		if d == nil {
			d = &Data{X: make([][]float64, len(columns))}
			split[row[by]] = d
			names = append(names, row[by])
		}
		d.Y = append(d.Y, number(t, row[outcomes[kind]]))
		d.Time = append(d.Time, number(t, row["time"]))
		for j, name := range columns {
			d.X[j] = append(d.X[j], number(t, row[name]))
		}
	}
	slices.Sort(names)
	var all []*Data
	for _, name := range names {
		all = append(all, split[name])
	}
	return all
}

// run fits a model over sites.
func run(m Model, sites []*Data) (*Fit, error) {
	f, err := NewFit(m)
	for err == nil && !f.Done {
		total := make([]fixedpoint.Int128, f.Len())
		for _, d := range sites {
			var sums []fixedpoint.Int128
			if sums, err = f.Sums(d); err != nil {
				return nil, err
			}
			for i := range total {
				total[i] = total[i].Plus(sums[i])
			}
		}
		err = f.Advance(total)
	}
	return f, err
}

func close9(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }

var columns = []string{"age", "bmi", "sex", "score", "platelets"}

// TestPooledFits: estimates and standard errors are those that R gives for the pooled rows
// (testdata/answers.R), to nine digits, however many sites have them.
func TestPooledFits(t *testing.T) {
	for _, c := range []struct {
		kind   Kind
		by     string
		answer string
	}{
		{Linear, "site", "linear"}, {Linear, "ward", "linear"},
		{Logistic, "site", "logistic"}, {Logistic, "ward", "logistic"},
		{Cox, "site", "cox"}, {Cox, "ward", "cox64"},
	} {
		f, err := run(Model{Kind: c.kind, Columns: columns}, sites(t, c.kind, c.by, columns))
		if err != nil {
			t.Fatal(err)
		}
		table, err := f.Table()
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for _, row := range readCSV(t, "testdata/answers.csv") {
			if row["model"] != c.answer {
				continue
			}
			got := table[compared]
			compared++
			if got.Name != row["name"] || !close9(got.Estimate, number(t, row["estimate"])) || !close9(got.SE, number(t, row["se"])) {
				t.Errorf("%s by %s: %+v, R has %v", c.kind, c.by, got, row)
			}
		}
		if compared != len(table) || f.Round > MaxRounds {
			t.Errorf("%s by %s: %d of %d coefficients compared, %d rounds", c.kind, c.by, compared, len(table), f.Round)
		}
		t.Logf("%s by %s: %d rounds", c.kind, c.by, f.Round)
	}
}

// TestRidge: at the estimate, the gradient is that of the ridge.
func TestRidge(t *testing.T) {
	for _, kind := range []Kind{Linear, Logistic, Cox} {
		all := sites(t, kind, "site", columns)
		f, err := run(Model{Kind: kind, Columns: columns, Ridge: 30}, all)
		if err != nil {
			t.Fatal(err)
		}
		gradient := make([]float64, f.parameters())
		for _, d := range all {
			for j, x := range f.step(d).gradient {
				gradient[j] += x
			}
		}
		first := len(gradient) - len(columns)
		for j, x := range gradient {
			if j >= first {
				x -= 30 * f.Theta[j]
			}
			if math.Abs(x) > 1e-6 {
				t.Errorf("%s: gradient %d is %g", kind, j, x)
			}
		}
		without, err := run(Model{Kind: kind, Columns: columns}, all)
		if err != nil || !(sum(f.Theta[first:], f.Theta[first:]) < sum(without.Theta[first:], without.Theta[first:])) {
			t.Errorf("%s: coefficients with a ridge are no smaller, %v", kind, err)
		}
	}
}

// TestOrderOfSites: totals are the same integers in whatever order sites are added.
func TestOrderOfSites(t *testing.T) {
	all := sites(t, Logistic, "ward", columns)
	a, errA := run(Model{Kind: Logistic, Columns: columns}, all)
	slices.Reverse(all)
	b, errB := run(Model{Kind: Logistic, Columns: columns}, all)
	if errA != nil || errB != nil || !slices.Equal(a.Theta, b.Theta) {
		t.Errorf("%v, %v: %v and %v", errA, errB, a.Theta, b.Theta)
	}
}

// TestNamedFailures: what has no finite, unique fit is named.
func TestNamedFailures(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	n := 200
	x, z, y, flag := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], z[i] = r.NormFloat64(), r.NormFloat64()
		y[i] = float64(r.IntN(2))
		if x[i] > 0 {
			flag[i] = 1
		}
	}
	both := make([]float64, n)
	for i := range n {
		both[i] = 2*x[i] - z[i] + 3
	}
	same := make([]float64, n)
	time := make([]float64, n)
	for i := range time {
		time[i] = float64(1 + r.IntN(20))
	}
	for _, kind := range []Kind{Linear, Logistic, Cox} {
		for _, c := range []struct {
			name    string
			columns [][]float64
			y       []float64
			want    []string
		}{
			{"collinear", [][]float64{x, z, both}, y, []string{"column c2 is a linear combination of c0, c1"}},
			{"constant", [][]float64{x, same}, y, []string{"column c1 has the same value"}},
			{"no outcome", [][]float64{x}, same, []string{"there must be rows with and without", "there must be some with it", "the outcome has the same value"}},
			{"too few", [][]float64{x, z}, y[:2], []string{"2 rows are too few"}},
		} {
			d := &Data{Y: c.y, Time: time[:len(c.y)]}
			m := Model{Kind: kind}
			for j, column := range c.columns {
				m.Columns = append(m.Columns, "c"+strconv.Itoa(j))
				d.X = append(d.X, column[:len(c.y)])
			}
			_, err := run(m, []*Data{d})
			if err == nil || !slices.ContainsFunc(c.want, func(w string) bool { return strings.Contains(err.Error(), w) }) {
				t.Errorf("%s, %s: %v", kind, c.name, err)
			}
		}
	}
	// Cases have x above 0, all others below.
	_, err := run(Model{Kind: Logistic, Columns: []string{"age", "x"}}, []*Data{{X: [][]float64{z, x}, Y: flag}})
	if err == nil || !strings.Contains(err.Error(), "column x may separate") {
		t.Errorf("separation: %v", err)
	}
	if _, err := run(Model{Kind: Logistic, Columns: []string{"age", "x"}, Ridge: 1}, []*Data{{X: [][]float64{z, x}, Y: flag}}); err != nil {
		t.Errorf("separation with a ridge: %v", err)
	}
}

// TestRefusals: models and rows that make no sense.
func TestRefusals(t *testing.T) {
	for _, m := range []Model{
		{Kind: "probit", Columns: []string{"a"}}, {Kind: Cox}, {Kind: Linear, Columns: []string{"a", "a"}}, {Kind: Linear, Columns: []string{""}},
		{Kind: Linear, Columns: []string{intercept}}, {Kind: Linear, Ridge: -1}, {Kind: Linear, Ridge: math.NaN()}, {Kind: Linear, Columns: make([]string, MaxColumns+1)},
	} {
		if _, err := NewFit(m); err == nil {
			t.Errorf("%+v is a model", m)
		}
	}
	f, err := NewFit(Model{Kind: Cox, Columns: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []Data{
		{}, {X: [][]float64{{1, 2}}, Y: []float64{1}, Time: []float64{1}}, {X: [][]float64{{math.NaN()}}, Y: []float64{1}, Time: []float64{1}},
		{X: [][]float64{{1}}, Y: []float64{2}, Time: []float64{1}}, {X: [][]float64{{1}}, Y: []float64{1}}, {X: [][]float64{{1}}, Y: []float64{1}, Time: []float64{math.Inf(1)}},
		{X: [][]float64{{1e30}}, Y: []float64{1}, Time: []float64{1}},
	} {
		if len(d.X) == 0 && len(d.Y) == 0 {
			d.X = nil
		}
		if _, err := f.Sums(&d); err == nil {
			t.Errorf("%+v are rows", d)
		}
	}
	if f.Advance(nil) == nil {
		t.Error("a total without integers")
	}
	if _, err := f.Table(); err == nil {
		t.Error("a table before the end")
	}
}
