package sizing

import (
	"genoveil/genomics/test"
	"genoveil/he"
)

// NewStudy is a query of so many columns on a cohort with so many planes a block, on
// average: a third where calls are missing.
func NewStudy(params he.SumParams, samples, variants int, planes float64, cost test.Cost) (*Study, error) {
	check, err := params.NewCheckModulus(samples)
	if err != nil {
		return nil, err
	}
	s := &Study{Params: params.Params(), Samples: samples, Variants: variants, Planes: planes}
	// The missing calls' plane has the columns of the first; equal columns share
	// their check.
	third := max(planes-2, 0)
	s.Columns, s.Evaluated, s.Products = cost.Dosage+check.Digits, 1+third, (1+third)*float64(cost.Dosage+check.Digits)
	if cost.Square > 0 {
		s.Evaluated++
		s.Products += float64(cost.Square + check.Digits)
	}
	if cost.Square > 0 && cost.Square < cost.Dosage {
		s.Columns += check.Digits
	}
	return s, nil
}
