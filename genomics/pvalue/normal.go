package pvalue

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Normal is −log10 of the two-sided P value of a standard normal z, as accurate as LogNormal.
func Normal(z float64) float64 { return 0 - LogNormal(z)/math.Ln10 }

// Z is the absolute standard normal z of a two-sided P value, given as −log10 P. Its
// relative error is below 3e-13.
func Z(negLog10 float64) float64 {
	switch {
	case negLog10 < 290:
		return 0 - mathext.NormalQuantile(math.Pow(10, -negLog10)/2)
	case math.IsInf(negLog10, 1):
		return negLog10
	}
	// Newton on the logarithm, which is nearly a parabola: d(−log10 P)/dz is z/ln 10 up to
	// a factor of 1 + 1/z², and z is above 36.
	z := math.Sqrt(2 * math.Ln10 * negLog10)
	for range 6 {
		z -= (Normal(z) - negLog10) * math.Ln10 / (z + 1/z)
	}
	return z
}
