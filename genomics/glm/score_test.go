package glm

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/pvalue"
)

// Counts of samples and alleles, of all and of cases, are exact.
func TestCounts(t *testing.T) {
	status := statuses(1, 0, 0, 1, 0, 9, 1, 0, 0, 0)
	n, err := FitLogistic(status, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := testRow(t, n.Model(), dosageRow{2, 0, 1, -1, 1, 2, 1, 0, -1, 2}, 1)
	if r.Samples != 7 || r.Alleles != 7 || r.Cases != 2 || r.CaseAlleles != 3 || r.Frequency() != 0.5 || r.MinorAlleles() != 7 {
		t.Errorf("%+v", r)
	}
	r = testRow(t, n.Model(), dosageRow{1999, 0, 500, -1, 1000, 2000, 1250, 0, -1, 251}, 1000)
	if r.Samples != 7 || r.Alleles != 5 || r.Cases != 2 || r.CaseAlleles != 3.249 || r.MinorAlleles() != 5 {
		t.Errorf("%+v", r)
	}
	r = testRow(t, n.Model(), dosageRow{2, 2, 2, 2, 2, 2, 2, 2, 1, 2}, 1)
	if r.Alleles != 17 || r.MinorAlleles() != 1 {
		t.Errorf("%+v", r)
	}
}

func TestErrorCodes(t *testing.T) {
	status := statuses(1, 0, 0, 1, 0, 9, 1, 0, 0, 0)
	n, err := FitLogistic(status, []Covariate{{Name: "AGE", Values: []float64{1, 5, 2, 8, 4, 6, 3, 9, 7, 5}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		row  dosageRow
		want ErrorCode
	}{
		{"tested", dosageRow{2, 0, 1, -1, 1, 2, 1, 0, -1, 2}, ""},
		{"nobody", dosageRow{-1, -1, -1, -1, -1, 2, -1, -1, -1, -1}, TooFewSamples},
		{"three", dosageRow{-1, -1, -1, -1, 2, 2, 0, 1, -1, -1}, TooFewSamples},
		{"all REF", dosageRow{0, 0, 0, 0, 0, 2, 0, 0, 0, 0}, ConstantAllele},
		{"all het", dosageRow{1, 1, 1, -1, 1, 2, 1, 1, 1, 1}, ConstantAllele},
		{"all ALT", dosageRow{2, 2, 2, 2, 2, -1, 2, 2, 2, 2}, ConstantAllele},
		{"no cases", dosageRow{-1, 0, 1, -1, 1, 2, -1, 0, 1, 2}, NoCaseOrControl},
	} {
		for _, steps := range []int{1, 1000, 617} {
			row := append(dosageRow(nil), c.row...)
			for i := range row {
				if row[i] > 0 {
					row[i] *= int32(steps)
				}
			}
			r := testRow(t, n.Model(), row, steps)
			if r.Error != c.want || math.IsNaN(r.Z) != (c.want != "") || math.IsNaN(r.LogP) != (c.want != "") {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
}

// A dosage that the covariates all but determine has no test; PLINK 2's limit.
func TestInflated(t *testing.T) {
	const n = 2000
	random := rand.New(rand.NewPCG(1, 1))
	trait, c, row := normals(random, n), Covariate{Name: "SCORE", Values: make([]float64, n)}, make(dosageRow, n)
	for i := range row {
		row[i] = int32(random.IntN(3))
	}
	for _, share := range []float64{0.97, 0.99} { // of the variance
		for i := range row {
			c.Values[i] = (float64(row[i])-1)/math.Sqrt(2.0/3) + math.Sqrt(1/share-1)*random.NormFloat64()
		}
		null, err := FitLinear(trait, []Covariate{c}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := testRow(t, null.Model(), row, 1); (r.Error == Inflated) != (share > 0.98) {
			t.Errorf("%g explained: code %q", share, r.Error)
		}
	}
}

// Sums that cannot be the model's are refused.
func TestForeignSums(t *testing.T) {
	null, err := FitLogistic(statuses(1, 0, 0, 1, 0, 9, 1, 0, 0, 0), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := null.Model()
	good := sumsOf(m, dosageRow{2, 0, 1, -1, 1, 2, 1, 0, -1, 2})
	if _, err := m.Test(good[1:], 1); err == nil || err.Error() != "4 sums for 5 columns" {
		t.Errorf("error %v", err)
	}
	for _, s := range []Sums{{Dosage: -1}, {Dosage: 19}, {Dosage: 17, Missing: 1}, {Missing: 10}, {Missing: -1}} {
		bad := append([]Sums{s}, good[1:]...)
		if _, err := m.Test(bad, 1); err == nil || !strings.Contains(err.Error(), "check that key, sums and model belong together") {
			t.Errorf("%+v: error %v", s, err)
		}
	}
}

func TestDamagedModel(t *testing.T) {
	for _, c := range []Column{{Role: Basis, Index: 2}, {Role: ResidualBasis}} {
		m := &Model{Kind: Linear, Samples: 9, Covariates: 1, Columns: []Column{c}}
		if _, err := m.Test(make([]Sums, 1), 1); err == nil || !strings.HasSuffix(err.Error(), "the model is damaged") {
			t.Errorf("%s: error %v", c.Name(), err)
		}
	}
}

// Mid-P is used for skewed scores and only there, and its cumulant is the one of
// individual data.
func TestMidP(t *testing.T) {
	t.Parallel()
	const n = 5000
	random := rand.New(rand.NewPCG(2, 2))
	status, age := make([]pheno.Status, n), normals(random, n)
	for i := range status {
		status[i] = pheno.Control
		if random.Float64() < 0.02*math.Exp(age[i]/2) {
			status[i] = pheno.Case
		}
	}
	null, err := FitLogistic(status, []Covariate{{Name: "AGE", Values: age}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := null.model(fine)
	for _, c := range []struct {
		frequency float64
		steps     int
		tolerance float64
		skewed    bool
	}{{0.002, 1, 1e-6, true}, {0.3, 1, 1e-6, true}, {0.495, 1, 1e-6, false}, {0.002, 1000, 0.2, true}, {0.02, 1000, 0.2, true}} {
		row := make(dosageRow, n)
		for i := range row {
			for range 2 {
				if random.Float64() < c.frequency {
					row[i] += int32(c.steps)
				}
			}
			if c.steps > 1 && row[i] > 0 {
				row[i] -= int32(random.IntN(600))
			}
		}
		var w, wg, k3 float64
		for i, g := range row {
			w += null.weight[i]
			wg += null.weight[i] * float64(g) / float64(c.steps)
		}
		u, v := logisticTwin(status, []Covariate{{Name: "AGE", Values: age}}, nil, row, c.steps)
		for i, g := range row {
			p := null.cases[i] - null.residual[i]
			k3 += p * (1 - p) * (1 - 2*p) * math.Pow(float64(g)/float64(c.steps)-wg/w, 3)
		}
		r := testRow(t, m, row, c.steps)
		q, err := m.quantities(sumsOf(m, row), c.steps)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(q.k3-k3) > c.tolerance*math.Abs(k3)+1e-9*v {
			t.Errorf("%g: κ₃ %g, want %g", c.frequency, q.k3, k3)
		}
		if skewed := math.Abs(k3) >= 2e-3*math.Pow(v, 1.5); skewed != c.skewed {
			t.Fatalf("%g: |κ₃|/V^1.5 = %g", c.frequency, math.Abs(k3)/math.Pow(v, 1.5))
		}
		want := pvalue.LogNormal(u / math.Sqrt(v))
		if c.skewed {
			want = logPoissonTail(u, v, q.k3)
		}
		if r.MidP != c.skewed || !near(r.LogP, want, 1e-5) {
			t.Errorf("%g: mid-P %v, log P %g, want %v, %g", c.frequency, r.MidP, r.LogP, c.skewed, want)
		}
	}
}

// As many cases as controls without covariates have no third cumulant, and no
// column for it.
func TestNoSkew(t *testing.T) {
	null, err := FitLogistic(statuses(1, 0, 0, 1, 1, 0), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := null.Model()
	for _, c := range m.Columns {
		if c.Role == Skew {
			t.Error("there is a column")
		}
	}
	if r := testRow(t, m, dosageRow{2, 0, 1, 1, 0, 1}, 1); r.MidP || r.LogP != pvalue.LogNormal(r.Z) {
		t.Errorf("%+v", r)
	}
}

// For imputed dosages the third moment is a bound. It must not matter which allele
// is called ALT and which group cases: the P value stays, and mid-P applies.
func TestMidPOfDosagesIsSymmetric(t *testing.T) {
	for _, carriers := range []struct{ least, width int32 }{{200, 500}, {640, 60}, {950, 50}} {
		random := rand.New(rand.NewPCG(5, 6))
		const n = 4000
		status, exchanged := make([]pheno.Status, n), make([]pheno.Status, n)
		row, flipped := make(dosageRow, n), make(dosageRow, n)
		for i := range row {
			status[i], exchanged[i] = pheno.Control, pheno.Case
			if i < n/50 {
				status[i], exchanged[i] = pheno.Case, pheno.Control
			}
			if random.IntN(200) == 0 || i < 4 {
				row[i] = carriers.least + random.Int32N(carriers.width)
			}
			flipped[i] = 2000 - row[i]
		}
		var want Result
		for i, c := range []struct {
			status []pheno.Status
			row    dosageRow
		}{{status, row}, {status, flipped}, {exchanged, row}, {exchanged, flipped}} {
			null, err := FitLogistic(c.status, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			got := testRow(t, null.Model(), c.row, 1000)
			if !got.MidP {
				t.Errorf("carriers from %d: P %g is the normal one", carriers.least, got.P())
			}
			if i == 0 {
				want = got
			} else if math.Abs(got.LogP-want.LogP) > 1e-9*math.Abs(want.LogP) {
				t.Errorf("carriers from %d, exchange %d: P %g, was %g", carriers.least, i, got.P(), want.P())
			}
		}
	}
}
