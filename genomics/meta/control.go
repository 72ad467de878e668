package meta

import (
	"math"
	"slices"

	"genoveil/genomics/pvalue"
)

// medianChiSquare is METAL's median of χ² with one degree of freedom.
const medianChiSquare = 0.4549364

// Lambda is the genomic control of a site's table as METAL has it: the χ² statistic in the
// middle, the upper one of two, divided by 0.4549364, and not below 1. The statistics are
// those of the scheme, at the variants of the list that the site has. It is 1 for an empty
// table.
func (h *Harmonised) Lambda(scheme Scheme) float64 {
	var all []float64
	for i := range h.Estimates {
		if x := h.Estimates[i].chiSquare(scheme); !math.IsNaN(x) {
			all = append(all, x)
		}
	}
	return max(inflation(all), 1)
}

// chiSquare is a variant's statistic, NaN where there is none.
func (e *Estimate) chiSquare(scheme Scheme) float64 {
	switch {
	case !e.Present:
		return math.NaN()
	case scheme == SampleSize:
		z := pvalue.Z(e.LogP)
		return z * z
	}
	z := e.Beta / e.SE
	return z * z
}

// inflation is λ of χ² statistics, which it sorts; 0 of none.
func inflation(chiSquares []float64) float64 {
	if len(chiSquares) == 0 {
		return 0
	}
	slices.Sort(chiSquares)
	return chiSquares[len(chiSquares)/2] / medianChiSquare
}
