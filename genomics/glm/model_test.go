package glm

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/genomics/pheno"
)

// fine is a bound on columns at which rounding no longer matters.
const fine = 1 << 30

// A study is a small cohort with everything that a model takes.
type study struct {
	status     []pheno.Status
	trait      []float64
	offset     []float64
	covariates []Covariate
	rows       []dosageRow
}

// newStudy makes a study of n samples and k covariates in which trait, status
// and dosages depend on the covariates. Some traits and covariates are missing.
func newStudy(random *rand.Rand, n, k, steps int) *study {
	s := &study{status: make([]pheno.Status, n), trait: make([]float64, n), offset: make([]float64, n)}
	liability := make([]float64, n)
	for j := range k {
		c := Covariate{Name: string(rune('A' + j)), Values: make([]float64, n)}
		for i := range n {
			c.Values[i] = 50 + 10*random.NormFloat64()
			liability[i] += (c.Values[i] - 50) / 20
			if random.IntN(50) == 0 {
				c.Values[i] = math.NaN()
			}
		}
		s.covariates = append(s.covariates, c)
	}
	for i := range n {
		s.offset[i] = random.NormFloat64() / 3
		s.trait[i] = liability[i] + s.offset[i] + random.NormFloat64()
		s.status[i] = pheno.Control
		if liability[i]+s.offset[i]+2*random.NormFloat64() > 0.5 {
			s.status[i] = pheno.Case
		}
		if random.IntN(20) == 0 {
			s.status[i], s.trait[i] = pheno.Absent, math.NaN()
		}
	}
	for range 5 {
		row := make(dosageRow, n)
		for i := range row {
			f := 1 / (1 + math.Exp(-liability[i]/3))
			for range 2 {
				if random.Float64() < f {
					row[i] += int32(steps)
				}
			}
			if steps > 1 && row[i] < int32(2*steps) {
				row[i] += int32(random.IntN(steps))
			}
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// drawStudy draws a study that both models can be fitted to.
func drawStudy(t *rapid.T, steps int) *study {
	n, k := rapid.IntRange(150, 250).Draw(t, "samples"), rapid.IntRange(0, 4).Draw(t, "covariates")
	seed := rapid.Uint64().Draw(t, "seed")
	return newStudy(rand.New(rand.NewPCG(seed, 0)), n, k, steps)
}

func (s *study) fitLinear(t rapid.TB, offset []float64) *Null {
	n, err := FitLinear(s.trait, s.covariates, offset)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (s *study) fitLogistic(t rapid.TB, offset []float64) *Null {
	n, err := FitLogistic(s.status, s.covariates, offset)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func mustTest(t rapid.TB, m *Model, row dosageRow, steps int) Result {
	r, err := m.Test(sumsOf(m, row), steps)
	if err != nil || r.Error != "" {
		t.Fatalf("error %v, code %q", err, r.Error)
	}
	return r
}

// Without missing calls the linear test is the regression of individual data.
func TestLinearIsOrdinaryLeastSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SampledFrom([]int{1, 1000}).Draw(t, "steps")
		s := drawStudy(t, steps)
		m := s.fitLinear(t, nil).model(fine)
		for _, row := range s.rows {
			r := mustTest(t, m, row, steps)
			beta, se := linearTwin(s.trait, s.covariates, row, steps)
			if !near(r.Beta/se, beta/se, 1e-6) || !near(r.SE/se, 1, 1e-6) {
				t.Fatalf("β %g, SE %g; individual data have %g, %g", r.Beta, r.SE, beta, se)
			}
		}
	})
}

// Without covariates it stays so with missing calls: the intercept's part is exact.
func TestLinearMissingIsExactWithoutCovariates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t, 1)
		s.covariates = nil
		m := s.fitLinear(t, nil).model(fine)
		for v, row := range s.rows {
			row = knockOut(v, row)
			r := mustTest(t, m, row, 1)
			beta, se := linearTwin(s.trait, nil, row, 1)
			if !near(r.Beta/se, beta/se, 1e-6) || !near(r.SE/se, 1, 1e-6) {
				t.Fatalf("β %g, SE %g; individual data have %g, %g", r.Beta, r.SE, beta, se)
			}
		}
	})
}

// Without missing calls the logistic test is the score test by matrices.
func TestLogisticIsScoreTest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SampledFrom([]int{1, 1000}).Draw(t, "steps")
		s := drawStudy(t, steps)
		var offset []float64
		if rapid.Bool().Draw(t, "offset") {
			offset = s.offset
		}
		m := s.fitLogistic(t, offset).model(fine)
		for _, row := range s.rows {
			r := mustTest(t, m, row, steps)
			u, v := logisticTwin(s.status, s.covariates, offset, row, steps)
			if !near(r.Z, u/math.Sqrt(v), 1e-6) || !near(r.Beta*math.Sqrt(v), u/math.Sqrt(v), 1e-6) || !near(r.SE*math.Sqrt(v), 1, 1e-6) {
				t.Fatalf("β %g, SE %g; individual data have U %g, V %g", r.Beta, r.SE, u, v)
			}
		}
	})
}

// An offset in standard deviations of the residual is the same as taking it, in
// units of the trait, off the trait.
func TestLinearOffset(t *testing.T) {
	s := newStudy(rand.New(rand.NewPCG(1, 2)), 300, 2, 1)
	plain := s.fitLinear(t, nil)
	sd := math.Sqrt(plain.Deviance / float64(plain.Samples-3))
	m := s.fitLinear(t, s.offset).model(fine)
	for i := range s.trait {
		s.trait[i] -= sd * s.offset[i]
	}
	for _, row := range s.rows {
		r := mustTest(t, m, row, 1)
		beta, se := linearTwin(s.trait, s.covariates, row, 1)
		if !near(r.Beta/se, beta/se, 1e-6) || !near(r.SE/se, 1, 1e-6) {
			t.Errorf("β %g, SE %g; individual data have %g, %g", r.Beta, r.SE, beta, se)
		}
	}
}

// same says whether two results are equal but for rounding of columns at fine.
func same(a, b Result) bool {
	return a.Samples == b.Samples && a.Alleles == b.Alleles && a.Cases == b.Cases && a.CaseAlleles == b.CaseAlleles &&
		a.DF == b.DF && a.Error == b.Error && a.MidP == b.MidP &&
		near(a.Z, b.Z, 1e-6) && near(a.SE/b.SE, 1, 1e-6) && near(a.LogP, b.LogP, 1e-6)
}

// Neither the order of samples nor scale, location and order of covariates
// matter.
func TestInvariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t, 1)
		seed := rapid.Uint64().Draw(t, "order")
		order := rand.New(rand.NewPCG(seed, 1)).Perm(len(s.trait))
		scale := rapid.SampledFrom([]float64{-1e5, -1, 1e-3, 7}).Draw(t, "scale")
		shift := rapid.SampledFrom([]float64{-1e3, 0, 1e4}).Draw(t, "shift")
		other := &study{status: shuffled(s.status, order), trait: shuffled(s.trait, order)}
		for _, c := range s.covariates {
			values := shuffled(c.Values, order)
			for i := range values {
				values[i] = scale*values[i] + shift
			}
			other.covariates = append([]Covariate{{Name: c.Name, Values: values}}, other.covariates...)
		}
		for _, fit := range []func(*study) *Model{
			func(s *study) *Model { return s.fitLinear(t, nil).model(fine) },
			func(s *study) *Model { return s.fitLogistic(t, nil).model(fine) },
		} {
			a, b := fit(s), fit(other)
			for v, row := range s.rows {
				row = knockOut(v, row)
				if x, y := mustTest(t, a, row, 1), mustTest(t, b, shuffled(row, order), 1); !same(x, y) {
					t.Fatalf("%+v\n%+v", x, y)
				}
			}
		}
	})
}

func shuffled[T any](values []T, order []int) []T {
	out := make([]T, len(values))
	for i, k := range order {
		out[i] = values[k]
	}
	return out
}

// Cases coded 1 and controls 0 give the same columns as 2 and 1.
func TestRecoding(t *testing.T) {
	s := newStudy(rand.New(rand.NewPCG(3, 4)), 200, 2, 1)
	var models []*Model
	for _, codes := range []string{"A12", "A01"} {
		text, samples := "#IID\tCASE\n", []string{}
		for i, status := range s.status {
			name := "s" + string(rune('A'+i/26)) + string(rune('a'+i%26))
			code := string(codes[status])
			if code == "A" {
				code = "NA"
			}
			text += name + "\t" + code + "\n"
			samples = append(samples, name)
		}
		path := filepath.Join(t.TempDir(), "p.txt")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		table, err := pheno.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if s.status, _, err = table.CaseControl("CASE", samples); err != nil {
			t.Fatal(err)
		}
		models = append(models, s.fitLogistic(t, nil).Model())
	}
	if !reflect.DeepEqual(models[0], models[1]) {
		t.Error("the models differ")
	}
}

// Quantised columns are bounded, 0 for samples that are not analysed, and their
// Z values are those of exact columns: below 1e-3 everywhere and 2e-4 root mean
// square, on real genotypes.
func TestHapmapQuantisation(t *testing.T) {
	t.Parallel()
	h := openHapmap(t)
	logistic, logisticModel := h.logistic(t)
	linear, linearModel := h.linear(t)
	limit := map[Kind]float64{Logistic: 2e-4, Linear: 5e-4}
	for _, c := range []struct {
		null  *Null
		model *Model
	}{{logistic, logisticModel}, {linear, linearModel}} {
		checkColumns(t, c.model)
		exact := c.null.model(fine)
		var got, want []float64
		for _, row := range h.rows {
			got, want = append(got, testRow(t, c.model, row, 1).Z), append(want, testRow(t, exact, row, 1).Z)
		}
		rms, most := differences(got, want)
		if !(most < 1e-3) || !(rms <= limit[c.null.Kind]) {
			t.Errorf("%s: |ΔZ| %.2g, rms %.2g", c.null.Kind, most, rms)
		} else {
			t.Logf("%s: |ΔZ| %.2g, rms %.2g", c.null.Kind, most, rms)
		}
	}
}

func checkColumns(t *testing.T, m *Model) {
	t.Helper()
	names := map[string]bool{}
	for _, c := range m.Columns {
		if names[c.Name()] {
			t.Errorf("%s twice", c.Name())
		}
		names[c.Name()] = true
		sum := int64(0)
		for i, v := range c.Values {
			if v < -MaxValue || v > MaxValue || v != 0 && m.Columns[0].Values[i] == 0 {
				t.Fatalf("%s of sample %d is %d", c.Name(), i, v)
			}
			sum += int64(v)
		}
		if sum != c.Sum {
			t.Errorf("%s: sum %d, said to be %d", c.Name(), sum, c.Sum)
		}
	}
}

// Few cases make one column of residuals too coarse, and the second mends it.
func TestSecondResidualColumn(t *testing.T) {
	const n = 4000
	random := rand.New(rand.NewPCG(5, 6))
	status := make([]pheno.Status, n)
	c := Covariate{Name: "AGE", Values: make([]float64, n)}
	for i := range status {
		c.Values[i] = random.NormFloat64()
		status[i] = pheno.Control
		if i%100 == 0 {
			status[i] = pheno.Case
		}
	}
	null, err := FitLogistic(status, []Covariate{c}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := null.Model()
	checkColumns(t, m)
	at := slices.IndexFunc(m.Columns, func(c Column) bool { return c.Role == Residual && c.Fine })
	if at < 0 {
		t.Fatal("one column")
	}
	first, second := m.Columns[at-1], m.Columns[at]
	for k, i := range null.x.rows {
		value := float64(first.Values[i])*first.Scale + float64(second.Values[i])*second.Scale
		if math.Abs(value-null.residual[k]) > second.Scale/2*(1+1e-9) {
			t.Fatalf("sample %d: %g for %g", i, value, null.residual[k])
		}
	}
	exact := null.model(fine)
	var got, want []float64
	for range 200 {
		row := make(dosageRow, n)
		for i := range row {
			row[i] = int32(random.IntN(5) / 4)
		}
		got, want = append(got, testRow(t, m, row, 1).Z), append(want, testRow(t, exact, row, 1).Z)
	}
	if rms, most := differences(got, want); !(rms < 1e-4) || !(most < 1e-3) {
		t.Errorf("|ΔZ| %.2g, rms %.2g", most, rms)
	}
}

// One sample with a large weight does not round those of all others to nothing.
func TestFineWeights(t *testing.T) {
	t.Parallel()
	const n = 20000
	random := rand.New(rand.NewPCG(13, 14))
	status, age, offset := make([]pheno.Status, n), normals(random, n), make([]float64, n)
	for i := range status {
		status[i] = pheno.Control
		if i%2000 < 2 {
			status[i] = pheno.Case
		}
	}
	offset[n/2] = 7
	null, err := FitLogistic(status, []Covariate{{Name: "AGE", Values: age}}, offset)
	if err != nil {
		t.Fatal(err)
	}
	m := null.Model()
	checkColumns(t, m)
	var finer []string
	for _, c := range m.Columns {
		if c.Fine {
			finer = append(finer, c.Name())
		}
	}
	if got, want := strings.Join(finer, " "), "weight-fine residual-fine"; got != want {
		t.Errorf("fine columns %s, want %s", got, want)
	}
	exact := null.model(fine)
	var got, want []float64
	for v := range 200 {
		row := make(dosageRow, n)
		for i := range row {
			if age[i]+10*random.NormFloat64() > 5 {
				row[i] = int32(random.IntN(3))
			}
		}
		row = knockOut(v, row)
		got, want = append(got, testRow(t, m, row, 1).Z), append(want, testRow(t, exact, row, 1).Z)
	}
	if rms, most := differences(got, want); !(rms < 2e-4) || !(most < 1e-3) {
		t.Errorf("|ΔZ| %.2g, rms %.2g", most, rms)
	}
}

// Linear models of the same samples and covariates share all columns that do not
// depend on the trait.
func TestSharedColumns(t *testing.T) {
	s := newStudy(rand.New(rand.NewPCG(7, 8)), 300, 3, 1)
	a := s.fitLinear(t, nil).Model()
	for i := range s.trait {
		s.trait[i] = 1e3 * math.Exp(s.trait[i])
	}
	b := s.fitLinear(t, nil).Model()
	for i, c := range a.Columns {
		var twin *Column
		for j := range b.Columns {
			if b.Columns[j].Name() == c.Name() {
				twin = &b.Columns[j]
			}
		}
		depends := c.Role == Residual || c.Role == ResidualBasis || c.Role == ResidualSquare
		if equal := slices.Equal(c.Values, twin.Values) && c.Scale == twin.Scale; equal == depends {
			t.Errorf("column %d, %s: equal is %v", i, c.Name(), equal)
		}
	}
}

// A model survives JSON, without the columns' values.
func TestModelJSON(t *testing.T) {
	s := newStudy(rand.New(rand.NewPCG(9, 10)), 300, 3, 1)
	for _, m := range []*Model{s.fitLinear(t, nil).Model(), s.fitLogistic(t, nil).Model()} {
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "Values") {
			t.Error("the values are kept")
		}
		var again Model
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		for v, row := range s.rows {
			sums := sumsOf(m, knockOut(v, row))
			a, err := m.Test(sums, 1)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := again.Test(sums, 1); err != nil || a != b {
				t.Errorf("%+v\n%+v, error %v", a, b, err)
			}
		}
	}
}

// Without the columns of the missing plane, missing calls count as the mean.
func TestColumnsForMissingCallsMayBeLeftOut(t *testing.T) {
	s := newStudy(rand.New(rand.NewPCG(11, 12)), 300, 3, 1)
	for _, full := range []*Model{s.fitLinear(t, nil).Model(), s.fitLogistic(t, nil).Model()} {
		short := *full
		short.Columns = slices.DeleteFunc(slices.Clone(full.Columns), func(c Column) bool { return !c.Dosage && !c.Square })
		if len(full.Columns)-len(short.Columns) < 3 {
			t.Fatalf("%d columns left out", len(full.Columns)-len(short.Columns))
		}
		for v, row := range s.rows {
			if a, b := mustTest(t, full, row, 1), mustTest(t, &short, row, 1); a != b {
				t.Errorf("nobody missing: %+v\n%+v", a, b)
			}
			row = knockOut(v, row)
			if a, b := mustTest(t, full, row, 1), mustTest(t, &short, row, 1); math.Abs(a.Z-b.Z) > 0.3 || a.Z == b.Z {
				t.Errorf("3 %% missing: Z %g and %g", a.Z, b.Z)
			}
		}
	}
}
