package bam

import (
	"math"
	"testing"

	"genoveil/genomics"
)

// callOf calls a site with so many fragments of REF and ALT, of one quality.
func callOf(refs, alts int, quality byte, frequency float64) Call {
	var seen []observation
	for i := range refs + alts {
		base := byte(0)
		if i >= refs {
			base = 1
		}
		seen = append(seen, observation{0, base, quality})
	}
	o := usual
	return o.call(seen, [2]byte{0, 1}, newPrior(frequency))
}

// TestMinorShare demands that few fragments of one allele among many of the other make no
// sure heterozygote, whichever of the two they show and however good they are.
func TestMinorShare(t *testing.T) {
	for _, test := range []struct {
		minor, depth int
		most         uint8 // the greatest GQ
		missing      bool
	}{
		{1, 8, 40, false}, {2, 16, 40, false}, // so few may be chance
		{3, 25, 19, true}, {4, 30, 19, true}, {4, 33, 5, true}, {5, 30, 19, true}, {6, 50, 0, true},
		{12, 100, 0, true}, {120, 1000, 0, true}, {960, 8000, 0, true}, {200, 1000, 0, true},
	} {
		for _, frequency := range []float64{math.NaN(), 0.5, 0.001} {
			for _, quality := range []byte{40, 60} {
				for _, c := range []Call{callOf(test.depth-test.minor, test.minor, quality, frequency), callOf(test.minor, test.depth-test.minor, quality, frequency)} {
					rare := frequency == 0.001 // then it may be called homozygous
					if c.GQ > test.most && !rare || test.missing && !rare && c.Genotype != genomics.Missing || rare && c.Genotype == 1 && c.GQ > test.most {
						t.Errorf("%d of %d, quality %d, frequency %g: %+v", test.minor, test.depth, quality, frequency, c)
					}
				}
			}
		}
	}
}

// TestFairShare demands that heterozygotes whose shares are as chance makes them are called
// as before, at any depth and with rare alleles, and that homozygotes keep their quality.
func TestFairShare(t *testing.T) {
	for _, test := range []struct {
		minor, depth int
		least        uint8
	}{
		{4, 8, 40}, {2, 8, 40}, {3, 12, 40}, {6, 30, 20}, {8, 30, 35}, {10, 30, 45}, {15, 30, 75},
		{35, 100, 50}, {400, 1000, 90}, {3000, 8000, 99},
	} {
		for _, frequency := range []float64{math.NaN(), 0.5, 0.001, 0.999} {
			c := callOf(test.minor, test.depth-test.minor, 40, frequency)
			least := test.least
			if frequency == 0.001 || frequency == 0.999 {
				least = min(least, 20)
			}
			if c.Genotype != 1 || c.GQ < least {
				t.Errorf("%d of %d, frequency %g: %+v", test.minor, test.depth, frequency, c)
			}
		}
	}
	for depth, want := range map[int]uint8{10: 30, 20: 60, 40: 99} {
		if c := callOf(depth, 0, 40, math.NaN()); c.Genotype != 0 || c.GQ < want-1 || c.GQ > want {
			t.Errorf("%d of REF: %+v", depth, c)
		}
		if c := callOf(0, depth, 40, math.NaN()); c.Genotype != 2 || c.GQ < want-1 || c.GQ > want {
			t.Errorf("%d of ALT: %+v", depth, c)
		}
	}
}
