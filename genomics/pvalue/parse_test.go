package pvalue

import (
	"math"
	"testing"
)

func TestParse(t *testing.T) {
	for field, want := range map[string]float64{
		"1": 0, "0.1": 1, "1e-5": 5, "3.5e-300": 300 - math.Log10(3.5),
		"1E-310": 310, "2E-400": 400 - math.Log10(2), "0.02e-400": 402 - math.Log10(2), "1e-4000": 4000,
		"0": math.Inf(1), "0e-7": math.Inf(1), "0.0": math.Inf(1),
	} {
		if got, ok := Parse(field); !ok || got != want && math.Abs(got-want) > 1e-12 || math.Signbit(got) {
			t.Errorf("%s: %v, %t", field, got, ok)
		}
	}
	for _, field := range []string{"1.01", "-0.5", "-1e-400", "-0", "inf", "-inf", "1e300"} {
		if got, ok := Parse(field); !ok || !(got < 0) {
			t.Errorf("%s: %v, %t; want a number that is no probability", field, got, ok)
		}
	}
	for _, field := range []string{"", "x", "nan", "1e", "e5", "1e-5x", "1e-5e-5", "0x1p-4", "0_1", "1,5", "--", "1e99999999999999999999"} {
		if got, ok := Parse(field); ok {
			t.Errorf("%s: %v, want no number", field, got)
		}
	}
}
