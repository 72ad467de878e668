package text

import (
	"math"
	"testing"
)

func TestNumber(t *testing.T) {
	for field, want := range map[string]float64{"1": 1, "-2.5e3": -2500, "+.5": 0.5, "inf": math.Inf(1), "-Inf": math.Inf(-1)} {
		if got, ok := Number(field); !ok || got != want {
			t.Errorf("%q: %v, %t", field, got, ok)
		}
	}
	for _, field := range []string{"", "NA", "nan", "0x10", "0x1p4", "1_000", "0x_1", "1,5", " 1", "1e999"} {
		if got, ok := Number(field); ok {
			t.Errorf("%q: %v, want no number", field, got)
		}
	}
}

func TestMissing(t *testing.T) {
	for _, field := range []string{"", ".", "NA", "na", "#NA", "N/A", "NaN", "nan", "-nan"} {
		if !Missing(field) {
			t.Errorf("%q is missing", field)
		}
	}
	for _, field := range []string{"0", "-", "-9", "A", "NAN1", "inf"} {
		if Missing(field) {
			t.Errorf("%q is not missing", field)
		}
	}
}
