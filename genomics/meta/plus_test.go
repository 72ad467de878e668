package meta

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestPlus: words of two groups give the total of both, whether they are added before or
// after they are decoded; and what is left of all words less one group's is the other's
// total, to the last bit.
func TestPlus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t)
		const af = 0.2
		width := len(s.Words())
		var groups [2][]uint64
		sum := make([]uint64, width)
		for g := range groups {
			groups[g] = make([]uint64, width)
			for range rapid.IntRange(0, min(s.Contributors/2, 4)).Draw(t, "sites") {
				e := drawEstimate(t, s, af)
				if rapid.Bool().Draw(t, "no INFO") {
					e.Info = float32(math.NaN())
				}
				words := make([]uint64, width)
				if err := s.Encode(words, &e, af, 1); err != nil {
					t.Fatal(err)
				}
				for i := range words {
					groups[g][i] += words[i]
					sum[i] += words[i]
				}
			}
		}
		decode := func(words []uint64) Total {
			total, err := s.Decode(words, af)
			if err != nil {
				t.Fatal(err)
			}
			return total
		}
		a, b, whole := decode(groups[0]), decode(groups[1]), decode(sum)
		left := make([]uint64, width)
		for i := range left {
			left[i] = sum[i] - groups[0][i]
		}
		if diff := cmp.Diff(b, decode(left), cmpopts.EquateNaNs()); diff != "" {
			t.Fatalf("less the first: %s", diff)
		}
		// Sums of what was decoded are rounded once more. The variance hangs on frequencies
		// that are known to what rounding leaves of w.
		scale := s.scale(af)
		least := 8*math.Ldexp(float64(s.Contributors), -scale.w)/whole.W + 1e-12
		if got := a.Plus(&b).FreqVariance; whole.Samples > 0 && !(math.Abs(got-whole.FreqVariance) <= least) {
			t.Fatalf("variance %g, want %g", got, whole.FreqVariance)
		}
		near := cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-12, 1e-12), cmpopts.IgnoreFields(Total{}, "FreqVariance")}
		if diff := cmp.Diff(whole, a.Plus(&b), near); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(a.Plus(&b), b.Plus(&a), near); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestPlusLacks: what one of two totals does not have, their sum does not have; an empty
// total changes nothing, whatever it does not have.
func TestPlusLacks(t *testing.T) {
	nan := math.NaN()
	a := Total{Sites: 1, Samples: 10, W: 2, WBeta: 1, WFreq: 1, WBeta2: 3, W2: 4, Info: nan, FreqVariance: 0.25}
	b := Total{Sites: 2, Samples: 20, W: 2, WBeta: 1, WFreq: 0.5, WBeta2: nan, W2: nan, Info: 0.5, InfoSites: 2, FreqVariance: nan}
	want := Total{Sites: 3, Samples: 30, W: 4, WBeta: 2, WFreq: 1.5, WBeta2: nan, W2: nan, Info: 0.5, InfoSites: 2, FreqVariance: nan}
	if diff := cmp.Diff(want, a.Plus(&b), cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	b.FreqVariance, b.Info = 0.125, 0.75
	a.Info, a.InfoSites = 0, 1
	// Half of the weight each: the mean of the variances, and ¼ of (½ − ¼)².
	if got := a.Plus(&b); got.FreqVariance != 0.1875+0.015625 || got.Info != 0.5 {
		t.Errorf("%+v", got)
	}
	none := Total{WBeta2: nan, W2: nan, Info: nan, FreqVariance: nan}
	for _, sum := range []Total{a.Plus(&none), none.Plus(&a)} {
		if sum != a {
			t.Errorf("%+v", sum)
		}
	}
}
