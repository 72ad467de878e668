package pvalue

import (
	"math"
	"strconv"
)

// Append appends a P value whose natural logarithm is given, with some significant digits,
// as C's %g does where a float64 has it, and in the same way where it is smaller. It is NA
// where the logarithm is not a number.
func Append(line []byte, logP float64, digits int) []byte {
	switch {
	case math.IsNaN(logP):
		return append(line, "NA"...)
	case logP > -690 || math.IsInf(logP, -1): // a normal number, or 0
		return strconv.AppendFloat(line, math.Exp(logP), 'g', digits, 64)
	}
	exponent := math.Floor(logP / math.Ln10)
	// Rounded to its digits, the mantissa is one of 1 … 9.99 or 10.
	unit := math.Pow(10, float64(digits-1))
	mantissa := math.Round(math.Exp(logP-exponent*math.Ln10)*unit) / unit
	if mantissa >= 10 {
		mantissa, exponent = 1, exponent+1
	}
	line = append(strconv.AppendFloat(line, mantissa, 'g', digits, 64), 'e')
	return strconv.AppendInt(line, int64(exponent), 10)
}
