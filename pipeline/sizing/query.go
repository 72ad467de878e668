package sizing

import "genoveil/he"

// A Query says what is tested, where it is not encrypted yet.
type Query struct {
	Test       string // chi2, logistic or linear
	Covariates int
	Phenotypes int
	Models     bool // χ²: also the tests on genotypes
}

// NewStudy is a query on a cohort with so many planes a block, on average: a third
// where calls are missing.
//
// Columns are those of pipeline.Chi2Trait and glm's models when the phenotypes are
// known for the same samples, not for all of the cohort, and no column takes a fine
// one beside it. The columns that only correct for missing calls, evaluated against
// the third plane in cohorts with many of them, are left out.
func NewStudy(params he.SumParams, samples, variants int, planes float64, q Query) (*Study, error) {
	check, err := params.NewCheckModulus(samples)
	if err != nil {
		return nil, err
	}
	t, c := q.Phenotypes, q.Covariates
	first, second := 1+t, 0 // analysed, cases; none against the second plane
	switch q.Test {
	case "chi2":
		if q.Models {
			second = first
		}
	case "logistic":
		// Analysed; case, weight, skew, residual, weight × covariate.
		first, second = 1+t*(4+c), 2*t
	case "linear":
		// Analysed, covariate; residual.
		first, second = 1+c+t, 1
	}
	s := &Study{Params: params.Params(), Samples: samples, Variants: variants, Planes: planes}
	// The missing calls' plane has the columns of the first; equal columns share
	// their check.
	third := max(planes-2, 0)
	s.Columns, s.Evaluated, s.Products = first+check.Digits, 1+third, (1+third)*float64(first+check.Digits)
	if second > 0 {
		s.Evaluated++
		s.Products += float64(second + check.Digits)
	}
	if second > 0 && second < first {
		s.Columns += check.Digits
	}
	return s, nil
}
