package glm

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
)

// normals are n standard normal numbers.
func normals(random *rand.Rand, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = random.NormFloat64()
	}
	return out
}

// statuses turns 1, 0 and anything else into case, control and absent.
func statuses(codes ...int) []pheno.Status {
	out := make([]pheno.Status, len(codes))
	for i, c := range codes {
		switch c {
		case 0:
			out[i] = pheno.Control
		case 1:
			out[i] = pheno.Case
		}
	}
	return out
}

// Without covariates the logistic fit is the share of cases.
func TestLogisticWithoutCovariates(t *testing.T) {
	n, err := FitLogistic(statuses(1, 0, 0, 9, 0, 1, 0, 0, 0), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n.Samples != 8 || n.Cases != 2 || n.Covariates != 0 || n.Iterations != 1 {
		t.Errorf("%+v", n)
	}
	if want := -2 * (2*math.Log(0.25) + 6*math.Log(0.75)); !near(n.Deviance, want, 1e-14) {
		t.Errorf("deviance %g, want %g", n.Deviance, want)
	}
	for k, w := range n.weight {
		if want := n.cases[k] - 0.25; !near(n.residual[k], want, 1e-15) || !near(w, 0.1875, 1e-15) {
			t.Errorf("r %g, w %g", n.residual[k], w)
		}
	}
}

// Residuals and basis of a fit are orthogonal, and the basis orthonormal under the
// weights with a constant first vector.
func TestOrthogonality(t *testing.T) {
	s := newStudy(rand.New(rand.NewPCG(1, 1)), 500, 6, 1)
	// Two covariates that are nearly the same.
	last := slices.Clone(s.covariates[0].Values)
	for i := range last {
		last[i] += 1e-4 * float64(i%7)
	}
	s.covariates = append(s.covariates, Covariate{Name: "NEAR", Values: last})
	for _, n := range []*Null{s.fitLinear(t, nil), s.fitLogistic(t, nil), s.fitLinear(t, s.offset), s.fitLogistic(t, s.offset)} {
		if n.Kind == Logistic && (n.Iterations < 3 || n.Iterations > 10) {
			t.Errorf("%d iterations", n.Iterations)
		}
		if slices.Min(n.basis[0]) != slices.Max(n.basis[0]) {
			t.Errorf("%s: the first vector is not constant", n.Kind)
		}
		size := math.Sqrt(dot(n.residual, n.residual, nil))
		for k, b := range n.basis {
			if inner := dot(b, n.residual, nil); math.Abs(inner) > 1e-11*size {
				t.Errorf("%s: r·x_%d = %g", n.Kind, k, inner)
			}
			for l := range k + 1 {
				want := 0.0
				if k == l {
					want = 1
				}
				if got := dot(b, n.basis[l], n.weight); math.Abs(got-want) > 1e-12 {
					t.Errorf("%s: x_%d·w·x_%d = %g", n.Kind, k, l, got)
				}
			}
		}
	}
}

// Strong covariates need many steps and halved ones, but there is a fit.
func TestLogisticHard(t *testing.T) {
	const n = 2000
	random := rand.New(rand.NewPCG(2, 3))
	c := Covariate{Name: "BMI", Values: normals(random, n)}
	offset := make([]float64, n)
	status := make([]pheno.Status, n)
	for i, v := range c.Values {
		offset[i] = 20 * random.NormFloat64()
		status[i] = pheno.Control
		if 8*v+offset[i]+random.NormFloat64() > 2 {
			status[i] = pheno.Case
		}
	}
	fit, err := FitLogistic(status, []Covariate{c}, offset)
	if err != nil {
		t.Fatal(err)
	}
	if inner := dot(fit.residual, fit.x.columns[1], nil); math.Abs(inner) > 1e-9 {
		t.Errorf("score %g", inner)
	}
}

func TestFitErrors(t *testing.T) {
	const n = 60
	nan := math.NaN()
	random := rand.New(rand.NewPCG(4, 5))
	age, bmi, height := normals(random, n), normals(random, n), normals(random, n)
	status := make([]pheno.Status, n)
	sex, batch, site, arm, first, bar, constant, scores := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	missing, few := slices.Repeat([]float64{nan}, n), slices.Repeat([]float64{nan}, n)
	for i := range n {
		status[i] = pheno.Control
		if random.IntN(2) == 0 {
			status[i] = pheno.Case
		}
		sex[i] = float64(i % 2)
		batch[i], site[i], arm[i] = float64((i/2)%2), float64((i/4)%2), 1-sex[i]
		constant[i] = 0.1 + 1e-17*float64(i)
		if status[i] == pheno.Case && i%3 == 0 {
			first[i] = 1
		}
		// A combination decides, neither alone.
		scores[i] = age[i] + 3*random.NormFloat64()
		bar[i] = scores[i] - age[i] + 0.1
		if status[i] == pheno.Case {
			bar[i] = scores[i] - age[i] - 0.1
		}
		if i < 3 {
			few[i] = age[i]
		}
	}
	total := make([]float64, n)
	for i := range total {
		total[i] = 2*age[i] - bmi[i] + 5
	}
	cov := func(pairs ...any) (out []Covariate) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, Covariate{Name: pairs[i].(string), Values: pairs[i+1].([]float64)})
		}
		return out
	}
	for _, c := range []struct {
		name       string
		trait      []float64 // nil: status
		status     []pheno.Status
		covariates []Covariate
		offset     []float64
		want       string
	}{
		{"constant", height, nil, cov("AGE", age, "SITE", constant, "SEX", sex, "KIT", make([]float64, n)), nil,
			"the same value in all 60 analysed samples: covariate SITE (0.1), covariate KIT (0); leave it out"},
		{"collinear", height, nil, cov("AGE", age, "SEX", sex, "BMI", bmi, "SCORE", total), nil,
			"covariate SCORE is a linear combination of AGE, BMI; leave one of them out"},
		{"dummies", height, nil, cov("FEMALE", sex, "BATCH", batch, "MALE", arm), nil,
			"covariate MALE is a linear combination of FEMALE; leave one of them out"},
		{"collinear, logistic", nil, status, cov("AGE", age, "BMI", bmi, "SCORE", total), nil,
			"covariate SCORE is a linear combination of AGE, BMI; leave one of them out"},
		{"all missing", missing, nil, cov("AGE", age), nil,
			"0 of 60 samples have the trait and all covariates, too few for 3 parameters (intercept, 1 covariates, variant): 0 have the trait"},
		{"covariate missing", height, nil, cov("AGE", age, "LAB", few), nil,
			"3 of 60 samples have the trait and all covariates, too few for 4 parameters (intercept, 2 covariates, variant): 60 have the trait, and of these 3 have covariate LAB"},
		{"offset missing", height, nil, cov("AGE", age), few,
			"3 of 60 samples have the trait and all covariates, too few for 3 parameters (intercept, 1 covariates, variant): 60 have the trait, and of these 3 have the offset"},
		{"nobody", nil, statuses(9, 9, 9), nil, nil, "0 of 3 samples have the trait"},
		{"as many as parameters", []float64{1, 2, 4}, nil, cov("AGE", []float64{5, 1, 2}), nil, "3 of 3 samples have the trait"},
		{"lengths", height, nil, cov("AGE", age[1:]), nil, "covariate AGE has 59 values for 60 samples"},
		{"offset's length", height, nil, nil, age[1:], "the offset has 59 values for 60 samples"},
		{"constant trait", constant, nil, cov("AGE", age), nil, "the trait has the same value in all analysed samples"},
		{"explained", total, nil, cov("AGE", age, "BMI", bmi), nil, "the covariates explain the trait completely"},
		{"cases only", nil, statuses(1, 1, 1, 1, 9), nil, nil, "4 cases and 0 controls have all covariates"},
		{"controls only", nil, statuses(0, 0, 0, 0, 1), cov("AGE", []float64{1, 2, 3, 5, nan}), nil, "0 cases and 4 controls have all covariates"},
		{"one separates", nil, status, cov("AGE", age, "FIRST", first), nil,
			"covariate FIRST separates cases from controls"},
		{"two separate", nil, status, cov("BMI", bmi, "AGE", age, "BAR", bar, "SCORES", scores), nil,
			"covariates AGE, BAR, SCORES together separate cases from controls"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var err error
			if c.status == nil {
				_, err = FitLinear(c.trait, c.covariates, c.offset)
			} else {
				_, err = FitLogistic(c.status, c.covariates, c.offset)
			}
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// A cell of a cross table without cases separates, but no covariate alone does.
func TestQuasiSeparation(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 7))
	const n = 400
	status := make([]pheno.Status, n)
	a, b, ab := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		a[i], b[i] = float64(i%2), float64((i/2)%2)
		ab[i] = a[i] * b[i]
		status[i] = pheno.Control
		if ab[i] == 0 && random.IntN(3) == 0 {
			status[i] = pheno.Case
		}
	}
	_, err := FitLogistic(status, []Covariate{{Name: "A", Values: a}, {Name: "B", Values: b}, {Name: "AB", Values: ab}}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "covariate AB separates cases from controls") {
		t.Errorf("error %v", err)
	}
	// The same cell, spelt by two indicators of the others.
	x, y, z := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range n {
		x[i], y[i], z[i] = (1-a[i])*(1-b[i]), a[i]*(1-b[i]), (1-a[i])*b[i]
	}
	_, err = FitLogistic(status, []Covariate{{Name: "X", Values: x}, {Name: "Y", Values: y}, {Name: "Z", Values: z}}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "covariates X, Y, Z together separate cases from controls") {
		t.Errorf("error %v", err)
	}
}
