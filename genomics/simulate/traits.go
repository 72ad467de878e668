package simulate

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"

	"genoveil/genomics/pheno"
)

// Traits are a cohort's phenotypes and covariates. Slices over samples are in
// the order of Samples.
type Traits struct {
	Samples []string

	// Case comes from a liability that is the sum of the effects of causal
	// variants and covariates and of noise, with variance 1: the samples with
	// the largest liabilities are cases. One sample in a hundred is Absent.
	Case []pheno.Status

	// Quantitative is the same sum with other noise, to four decimals, with NaN
	// for one sample in a hundred.
	Quantitative []float64

	CovariateNames []string
	Covariates     [][]float64 // by covariate, then by sample; at most six decimals

	Causal []Effect
}

// An Effect is what one copy of allele A1, which is ALT, adds to the
// quantitative trait and to the liability, both of standard deviation 1.
type Effect struct {
	ID, A1 string
	Beta   float64
}

const (
	covariateVariance = 0.1 // share of a trait's variance that covariates explain
	traitMissingOneOf = 100 // one value of a trait in a hundred is missing
)

// cases is the number of cases before some become missing.
func (o Options) cases() int { return int(math.Round(o.CaseFraction * float64(o.Samples))) }

// Traits returns the cohort's traits and covariates. It is an error to ask for
// them before Next has returned io.EOF, because they follow from the genotypes.
func (c *Cohort) Traits() (*Traits, error) {
	if c.sites.next < c.options.Variants {
		return nil, errors.New("simulate: traits are known only when all variants have been read")
	}
	o := c.options
	t := &Traits{
		Samples:      c.samples,
		Case:         make([]pheno.Status, o.Samples),
		Quantitative: make([]float64, o.Samples),
		Covariates:   make([][]float64, o.Covariates),
		Causal:       c.causal,
	}
	for k := range t.Covariates {
		t.CovariateNames = append(t.CovariateNames, covariateName(k))
		t.Covariates[k] = make([]float64, o.Samples)
	}
	random := newStream(o.Seed, traitStream)
	noise := 1 - o.Heritability
	weight := 0.0 // of a covariate in units of its standard deviation
	if o.Covariates > 0 {
		noise -= covariateVariance
		weight = math.Sqrt(covariateVariance / float64(o.Covariates))
	}
	noise = math.Sqrt(max(0, noise))
	liability := make([]float64, o.Samples)
	for i := range o.Samples {
		sum := c.genetic[i]
		for k := range t.Covariates {
			value, deviate := covariate(random, k)
			t.Covariates[k][i] = value
			sum += float64(weight * deviate)
		}
		t.Quantitative[i] = round(sum+float64(noise*random.normal()), 1e4)
		liability[i] = sum + float64(noise*random.normal())
	}
	t.split(liability, o.cases())
	for i := range o.Samples {
		if random.below(traitMissingOneOf) == 0 {
			t.Case[i] = pheno.Absent
		}
		if random.below(traitMissingOneOf) == 0 {
			t.Quantitative[i] = math.NaN()
		}
	}
	return t, nil
}

// split makes cases of those samples, so many of them, whose liability is
// largest, and controls of the others.
func (t *Traits) split(liability []float64, cases int) {
	order := make([]int, len(liability))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(liability[b], liability[a]), cmp.Compare(a, b))
	})
	for rank, i := range order {
		t.Case[i] = pheno.Control
		if rank < cases {
			t.Case[i] = pheno.Case
		}
	}
}

func covariateName(k int) string {
	switch k {
	case 0:
		return "MALE"
	case 1:
		return "AGE"
	}
	return "PC" + strconv.Itoa(k-1)
}

// covariate draws the k-th covariate of a sample: its value as it is written and
// the same with mean 0 and variance 1. MALE is 0 or 1, AGE uniform from 20.0 to
// 79.9 years, a component normal.
func covariate(random stream, k int) (value, deviate float64) {
	switch k {
	case 0:
		male := float64(random.below(2))
		return male, 2*male - 1
	case 1:
		tenths := float64(200 + random.below(600))
		// The variance of 600 successive numbers is (600² − 1)/12.
		return tenths / 10, (tenths - 499.5) / math.Sqrt((600*600-1)/12.0)
	}
	deviate = random.normal()
	return round(deviate, 1e6), deviate
}

// round rounds x to a multiple of 1/unit, to the same float64 that parsing the
// decimal gives.
func round(x, unit float64) float64 { return math.Round(x*unit) / unit }
