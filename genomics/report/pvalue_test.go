package report

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseP(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
	}{
		{"1", 0},
		{"0.01", 2},
		{"1e-5", 5},
		{"5e-8", genomeWide},
		{"1e-300", 300},
		{"1E-310", 310},
		{"1e-4000", 4000},
		{"0", math.Inf(1)},
		{"0e-7", math.Inf(1)},
		{"NA", math.NaN()},
		{"nan", math.NaN()},
		{".", math.NaN()},
		{"", math.NaN()},
	} {
		got, err := parseP(c.text)
		if err != nil || !(math.Abs(got-c.want) <= 1e-12 || got == c.want || math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("parseP(%q) = %v, %v; want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"1.01", "-0.5", "-1e-400", "-0", "inf", "0x1p-4", "0_1", "1e-5x", "p", "1e99999", "--", "1,5"} {
		if got, err := parseP(text); err == nil {
			t.Errorf("parseP(%q) = %v, want an error", text, got)
		}
	}
}

func TestParseLogP(t *testing.T) {
	for text, want := range map[string]float64{"0": 0, "7.5": 7.5, "412": 412, "inf": math.Inf(1)} {
		if got, err := parseLogP(text); err != nil || got != want {
			t.Errorf("parseLogP(%q) = %v, %v", text, got, err)
		}
	}
	if got, err := parseLogP("NA"); err != nil || !math.IsNaN(got) {
		t.Errorf("parseLogP(NA) = %v, %v", got, err)
	}
	for _, text := range []string{"-1", "x", "0x1p3", "1_0"} {
		if got, err := parseLogP(text); err == nil {
			t.Errorf("parseLogP(%q) = %v, want an error", text, got)
		}
	}
}

func TestFormatP(t *testing.T) {
	for _, c := range []struct {
		logP float64
		want string
	}{
		{0, "1"},
		{0.30103, "0.5"},
		{3, "0.001"},
		{4, "1.00e-4"},
		{genomeWide, "5.00e-8"},
		{8 - math.Log10(9.999), "1.00e-7"},
		{412 - math.Log10(3.2), "3.20e-412"},
		{math.Inf(1), "0 (underflow)"},
	} {
		if got := formatP(c.logP); got != c.want {
			t.Errorf("formatP(%v) = %s, want %s", c.logP, got, c.want)
		}
	}
}

// TestPSurvivesReadingAndPrinting goes far below the range of float64.
func TestPSurvivesReadingAndPrinting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		mantissa := rapid.IntRange(100, 999).Draw(t, "mantissa")
		text := fmt.Sprintf("%.2fe-%d", float64(mantissa)/100, rapid.IntRange(5, 9999).Draw(t, "exponent"))
		logP, err := parseP(text)
		if err != nil || formatP(logP) != text {
			t.Fatalf("%s becomes %v (%v), which is printed as %s", text, logP, err, formatP(logP))
		}
	})
}
