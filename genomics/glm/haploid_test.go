package glm

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHaploid: of one copy, coded as two, the tests are those of half the coded dosage, and
// effects are those of a copy.
func TestHaploid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := rapid.SampledFrom([]int{1, 1000}).Draw(t, "steps")
		s := drawStudy(t, steps)
		for _, null := range []*Null{s.fitLinear(t, nil), s.fitLogistic(t, nil)} {
			one, two := null.model(fine), null.model(fine)
			one.Haploid = true
			for v, row := range s.rows {
				row = knockOut(v, row)
				if steps == 1 {
					for i, g := range row {
						row[i] = max(-1, 2*(g/2)) // hard calls of one copy are homozygous
					}
				}
				got, want := mustTest(t, one, row, steps), mustTest(t, two, row, 2*steps) // half of each dosage
				called, alleles := 0, 0.0
				for i, g := range row {
					if g >= 0 && slices.Contains(null.x.rows, i) {
						called, alleles = called+1, alleles+float64(g)/float64(2*steps)
					}
				}
				if got.Samples != called || !near(got.Alleles, alleles, 1e-9) || !near(got.Frequency(), alleles/float64(called), 1e-9) ||
					!near(got.MinorAlleles(), min(alleles, float64(called)-alleles), 1e-9) {
					t.Fatalf("%+v, counted %g alleles of %d samples", got, alleles, called)
				}
				if steps > 1 { // the bound of the third cumulant is a closer one for one copy
					got.LogP, got.MidP, want.LogP, want.MidP = 0, false, 0, false
				}
				sameBeta := got.Beta == want.Beta || near(got.Beta/want.Beta, 1, 1e-9) // both may be 0
				if !got.Haploid || !same(got, want) || !sameBeta {
					t.Fatalf("%+v\nhalf the dosage %+v", got, want)
				}
			}
		}
	})
}

// TestThirdCumulantOfOneCopy compares with explicit sums where it is exact: for hard calls,
// and where all carriers of the rarer allele have the same dosage.
func TestThirdCumulantOfOneCopy(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 500 {
		frequency, dosage := random.Float64(), 0.2+0.8*random.Float64()
		hard, commonAlt, sign := random.IntN(2) == 0, random.IntN(2) == 0, float64(1-2*random.IntN(2))
		if hard {
			dosage = 1
		} else {
			frequency /= 4
		}
		var x, g []float64
		var sums moments
		for range 60 {
			value, d := sign*random.Float64(), 0.0
			if random.Float64() < frequency {
				d = dosage
			}
			if commonAlt {
				d = 1 - d
			}
			x, g = append(x, value), append(g, d)
			sums = sums.plus(moments{value, value * d, value * d * d})
		}
		mu := random.Float64() / 2
		if commonAlt {
			mu = 1 - mu
		}
		want := 0.0
		for i := range x {
			want += x[i] * math.Pow(g[i]-mu, 3)
		}
		if got := sums.thirdCumulant(mu, 1, hard); !near(got, want, 1e-9) {
			t.Fatalf("%g, explicit sums %g (hard %v, dosage %g, ALT common %v)", got, want, hard, dosage, commonAlt)
		}
	}
}

// TestMidPOfOneCopyIsSymmetric: which allele is called ALT does not matter to P.
func TestMidPOfOneCopyIsSymmetric(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7))
	const n = 4000
	codes := make([]int, n)
	row, flipped := make(dosageRow, n), make(dosageRow, n)
	for i := range row {
		if i < n/50 {
			codes[i] = 1
		}
		if random.IntN(200) == 0 || i < 4 {
			row[i] = 400 + random.Int32N(1600)
		}
		flipped[i] = 2000 - row[i]
	}
	null, err := FitLogistic(statuses(codes...), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := null.Model()
	m.Haploid = true
	a, b := testRow(t, m, row, 1000), testRow(t, m, flipped, 1000)
	if !a.MidP || !b.MidP || math.Abs(a.LogP-b.LogP) > 1e-9*math.Abs(a.LogP) || !near(a.Beta, -b.Beta, 1e-9) {
		t.Errorf("%+v\nwith the alleles exchanged %+v", a, b)
	}
}

// TestHaploidSums: more alleles than samples are refused, and that a model is haploid is
// kept with it.
func TestHaploidSums(t *testing.T) {
	null, err := FitLinear([]float64{1, 3, 2, 5, 4}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := null.Model().Uncorrected()
	m.Haploid = true
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var kept Model
	if err := json.Unmarshal(text, &kept); err != nil || !kept.Haploid || !m.Uncorrected().Haploid {
		t.Errorf("%s, %v", text, err)
	}
	sums := sumsOf(m, dosageRow{2, 2, 0, 2, 2})
	if r, err := kept.Test(sums, 1); err != nil || r.Alleles != 4 || r.Frequency() != 0.8 {
		t.Errorf("%+v, %v", r, err)
	}
	for i := range sums {
		sums[i].Dosage += 3 // as if of five and a half alleles
	}
	if _, err := kept.Test(sums, 1); !errors.Is(err, ErrContradiction) {
		t.Error(err)
	}
}

// TestRedundant: the error names those covariates without which there can be a fit.
func TestRedundant(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 9))
	const n = 40
	trait, a, b := normals(random, n), normals(random, n), normals(random, n)
	sum, sex, zero := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		sum[i], sex[i] = a[i]-3*b[i], float64(1+i%2)
	}
	for _, c := range []struct {
		covariates []Covariate
		want       []string
	}{
		{[]Covariate{{Name: "A", Values: a}, {Name: "ZERO", Values: zero}, {Name: "B", Values: b}, {Name: "SUM", Values: sum}}, []string{"ZERO"}},
		{[]Covariate{{Name: "ZERO", Values: zero}, {Name: "A", Values: a}, {Name: "TWO", Values: zero}}, []string{"ZERO", "TWO"}},
		{[]Covariate{{Name: "SUM", Values: sum}, {Name: "A", Values: a}, {Name: "B", Values: b}}, []string{"B"}},
		{[]Covariate{{Name: "SEX", Values: sex}, {Name: "A", Values: a}, {Name: "the sex", Values: sex}}, []string{"the sex"}},
		{[]Covariate{{Name: "A", Values: a}, {Name: "B", Values: b}, {Name: "SEX", Values: sex}}, nil},
	} {
		_, err := FitLinear(trait, c.covariates, nil)
		var r *Redundant
		if errors.As(err, &r) != (c.want != nil) || r != nil && !slices.Equal(r.Covariates, c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := FitLinear(trait[:3], []Covariate{{Name: "A", Values: a[:3]}, {Name: "ZERO", Values: zero[:3]}}, nil); err == nil || errors.As(err, new(*Redundant)) {
		t.Errorf("too few samples: %v", err)
	}
}
