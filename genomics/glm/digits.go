package glm

import (
	"math"
	"strconv"
)

// digits are the significant ones in tables.
const digits = 6

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
	return strconv.AppendFloat(line, x, 'g', digits, 64)
}

// appendCount appends a number of alleles, whole or in thousandths.
func appendCount(line []byte, x float64) []byte {
	return strconv.AppendFloat(line, math.Round(x*1000)/1000, 'f', -1, 64)
}
