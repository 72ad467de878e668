package assoc

import "math"

// upperNormalQuantile returns the z that a standard normal variable exceeds with
// probability p, 0 < p ≤ ½, to a relative error of 1.2e-9.
//
// It is Acklam's rational approximation ("An algorithm for computing the inverse
// normal cumulative distribution function"). More exact ones exist, but
// this is PLINK's, and in ten million confidence limits its error shows.
func upperNormalQuantile(p float64) float64 {
	if p < 0.02425 {
		q := math.Sqrt(-2 * math.Log(p))
		num := polynomial(q, -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
			-2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00)
		den := polynomial(q, 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
			3.754408661907416e+00, 1)
		return -num / den
	}
	q := 0.5 - p
	r := q * q
	num := polynomial(r, -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
		1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00)
	den := polynomial(r, -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
		6.680131188771972e+01, -1.328068155288572e+01, 1)
	return q * num / den
}

// polynomial evaluates the polynomial with the given coefficients, the highest
// power's first, at x.
func polynomial(x float64, coefficients ...float64) float64 {
	y := 0.0
	for _, c := range coefficients {
		y = y*x + c
	}
	return y
}
