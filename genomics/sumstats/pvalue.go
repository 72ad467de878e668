package sumstats

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mathext"
)

// maxLogP bounds −log10 P: a Z of a million.
const maxLogP = 2.2e11

// negLog10 reads P, which may be below the smallest float64. P of 0 gives +Inf, and what is
// no probability a number below 0 or +Inf.
func negLog10(text string) (logP float64, ok bool) {
	p, err := strconv.ParseFloat(text, 64)
	if err == nil && p > 1e-300 {
		return 0 - math.Log10(p), p == p // 0 and not −0 for P of 1
	}
	mantissa, exponent, found := strings.Cut(strings.ToLower(text), "e")
	if !found {
		exponent = "0"
	}
	m, errM := strconv.ParseFloat(mantissa, 64)
	e, errE := strconv.Atoi(exponent)
	switch {
	case errM != nil || errE != nil || math.IsNaN(m):
		return 0, false
	case m < 0:
		return -1, true
	}
	return -math.Log10(m) - float64(e), true
}

// LogP is −log10 of the two-sided P of a standard normal z, also where P is below the
// smallest float64. The relative error of P is about 1e-13 + 1e-16·z².
func LogP(z float64) float64 {
	x := math.Abs(z) / math.Sqrt2
	if x < 20 {
		return 0 - math.Log10(math.Erfc(x))
	}
	// The asymptotic series of erfc. Its next term is below 1e-14.
	s, term := 1.0, 1.0
	for k := 1; k <= 6; k++ {
		term *= -float64(2*k-1) / (2 * x * x)
		s += term
	}
	return (x*x + math.Log(x*math.Sqrt(math.Pi)) - math.Log(s)) / math.Ln10
}

// Z is the absolute standard normal z of a two-sided P, given as −log10 P.
func Z(logP float64) float64 {
	if logP < 290 {
		return 0 - mathext.NormalQuantile(math.Pow(10, -logP)/2)
	}
	// Newton on the logarithm, which is nearly a parabola: d logP/dz is z/ln 10 up to a
	// factor of 1 + 1/z², and z is above 36.
	z := math.Sqrt(2 * math.Ln10 * logP)
	for range 6 {
		z -= (LogP(z) - logP) * math.Ln10 / (z + 1/z)
	}
	return z
}
