package glm

import (
	"math"
	"strconv"
)

// appendNumber appends x with six significant digits as C's %g does: inf for
// infinity, but NA where it is not a number.
func appendNumber(line []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(line, "NA"...)
	case math.IsInf(x, 1):
		return append(line, "inf"...)
	case math.IsInf(x, -1):
		return append(line, "-inf"...)
	}
	return strconv.AppendFloat(line, x, 'g', 6, 64)
}

// appendCount appends a number of alleles, whole or in thousandths.
func appendCount(line []byte, x float64) []byte {
	return strconv.AppendFloat(line, math.Round(x*1000)/1000, 'f', -1, 64)
}

// appendP appends the P value whose natural logarithm is given in the same way,
// however small it is.
func appendP(line []byte, logP float64) []byte {
	// Within the range of normal numbers.
	if math.IsNaN(logP) || logP > -690 {
		return appendNumber(line, math.Exp(logP))
	}
	exponent := math.Floor(logP / math.Ln10)
	// Rounded to six digits, the mantissa is one of 1 … 9.99999 or 10.
	mantissa := math.Round(math.Exp(logP-exponent*math.Ln10)*1e5) / 1e5
	if mantissa >= 10 {
		mantissa, exponent = 1, exponent+1
	}
	line = strconv.AppendFloat(line, mantissa, 'g', 6, 64)
	line = append(line, 'e')
	return strconv.AppendInt(line, int64(exponent), 10)
}
