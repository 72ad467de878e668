package text

import (
	"math"
	"strconv"
	"strings"
)

// Number reads a decimal number or inf, which PLINK prints for an odds ratio that
// overflows. The hexadecimal numbers and the underscores of Go are no numbers in a table.
func Number(field string) (x float64, ok bool) {
	x, err := strconv.ParseFloat(field, 64)
	return x, err == nil && !math.IsNaN(x) && !strings.ContainsAny(field, "xX_")
}

// Missing reports whether a field of a table of results says that there is no value. #NA is
// GWAS-SSF's word.
func Missing(field string) bool {
	switch strings.ToUpper(field) {
	case "", ".", "NA", "#NA", "N/A", "NAN", "-NAN":
		return true
	}
	return false
}
