package report

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"genoveil/genomics/pvalue"
	"genoveil/genomics/text"
)

// parseP returns −log10 of a p-value given as text, NaN for a missing one and
// +Inf for 0.
func parseP(field string) (float64, error) {
	if text.Missing(field) {
		return math.NaN(), nil
	}
	logP, ok := pvalue.Parse(field)
	if !ok || logP < 0 {
		return 0, errors.New("not a p-value (a number from 0 to 1, or NA)")
	}
	return logP, nil
}

// parseLogP returns a −log10 p given as text, NaN for a missing one.
func parseLogP(field string) (float64, error) {
	if text.Missing(field) {
		return math.NaN(), nil
	}
	logP, ok := text.Number(field)
	if !ok || !(logP >= 0) {
		return 0, errors.New("not a −log10 p (a number of at least 0, or NA)")
	}
	return logP, nil
}

// formatP prints the p-value that belongs to −log10 p with three digits, also
// where it is below the range of float64.
func formatP(logP float64) string {
	switch {
	case math.IsInf(logP, 1):
		return "0 (underflow)"
	case logP < 4:
		return strconv.FormatFloat(math.Pow(10, -logP), 'g', 3, 64)
	}
	exponent := math.Floor(-logP)
	mantissa := strconv.FormatFloat(math.Pow(10, -logP-exponent), 'f', 2, 64)
	if mantissa == "10.00" {
		mantissa, exponent = "1.00", exponent+1
	}
	return fmt.Sprintf("%se%.0f", mantissa, exponent)
}
