package report

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

var errNotP = errors.New("not a p-value (a number from 0 to 1, or NA)")

// parseP returns −log10 of a p-value given as text, NaN for a missing one and
// +Inf for 0. It reads values below the range of float64, such as 3e-412, which
// PLINK 2 and others print.
func parseP(text string) (float64, error) {
	if missing(text) {
		return math.NaN(), nil
	}
	p, err := parseNumber(text)
	if err != nil || !(p >= 0 && p <= 1) || math.Signbit(p) {
		return 0, errNotP
	}
	// Near the end of its range a float64 loses digits.
	if p >= 1e-300 {
		return -math.Log10(p), nil
	}
	digits, exponent, found := strings.Cut(strings.ToLower(text), "e")
	mantissa, errMantissa := parseNumber(digits)
	if errMantissa != nil || mantissa == 0 || !found {
		return -math.Log10(p), nil
	}
	power, err := parseNumber(exponent)
	if err != nil {
		return 0, errNotP
	}
	return -math.Log10(mantissa) - power, nil
}

// parseLogP returns a −log10 p given as text, NaN for a missing one.
func parseLogP(text string) (float64, error) {
	if missing(text) {
		return math.NaN(), nil
	}
	logP, err := parseNumber(text)
	if err != nil || !(logP >= 0) {
		return 0, errors.New("not a −log10 p (a number of at least 0, or NA)")
	}
	return logP, nil
}

// missing reports whether a field says that there is no value. #NA is GWAS-SSF's word.
func missing(text string) bool {
	return text == "" || text == "." || text == "#NA" || strings.EqualFold(text, "NA") || strings.EqualFold(text, "nan")
}

// parseNumber parses a decimal number or inf, which PLINK prints for an odds
// ratio that overflows. The hexadecimal ones and the underscores of Go are no
// numbers in a table.
func parseNumber(text string) (float64, error) {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || strings.ContainsAny(text, "xX_") {
		return 0, errors.New("not a number")
	}
	return v, nil
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
