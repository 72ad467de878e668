package pvalue

import (
	"math"
	"strings"

	"genoveil/genomics/text"
)

// Parse reads a P value and returns −log10 of it, +Inf for 0. P may be below the smallest
// float64, such as 3e-412, which PLINK 2 and others print. ok is false for a text that is no
// number. A number that is no probability gives a result below 0.
func Parse(field string) (negLog10 float64, ok bool) {
	p, ok := text.Number(field)
	switch {
	case !ok || math.Signbit(p):
		return -1, ok
	case p >= 1e-300: // below, a float64 loses digits
		return 0 - math.Log10(p), true // 0 and not −0 for P of 1
	}
	digits, power, _ := strings.Cut(strings.ToLower(field), "e")
	mantissa, _ := text.Number(digits)
	exponent, _ := text.Number(power) // 0 where there is none
	if mantissa == 0 {
		return math.Inf(1), true
	}
	return -math.Log10(mantissa) - exponent, true
}
