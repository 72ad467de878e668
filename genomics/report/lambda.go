package report

import (
	"math"

	"genoveil/genomics/pvalue"
)

// Lambda returns the genomic inflation factor (Devlin and Roeder, Biometrics
// 1999): the median of the χ² statistics with one degree of freedom that belong
// to the p-values, divided by the median of that distribution. It is NaN
// without results and +Inf where the median p is given as 0.
//
// PLINK 1.9 divides by 0.456 where the median of the distribution is 0.4549, so
// that its λ is 0.23 % smaller. That −log10 p is held as a float32 changes λ by
// less than 1e-6 of its value where λ exceeds 1e-6.
func (s *Scan) Lambda() float64 {
	ranks := s.ranks()
	n := len(ranks)
	if n == 0 {
		return math.NaN()
	}
	median := (chiSquare(ranks[(n-1)/2]) + chiSquare(ranks[n/2])) / 2
	return median / chiSquare(float32(math.Log10(2)))
}

// chiSquare returns the value that a χ² variable with one degree of freedom
// exceeds with probability p, given −log10 p.
func chiSquare(logP float32) float64 {
	z := pvalue.Z(float64(logP))
	return z * z
}
