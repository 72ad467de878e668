package pvalue

import (
	"math"
	"testing"
)

// tails are R 4, −(pnorm(−z, log.p = TRUE) + log 2) / log 10.
var tails = map[float64]float64{
	0:                   0,
	0.10000000000000001: 0.036049661062642291,
	0.5:                 0.20966199360125953,
	1:                   0.49851554582798935,
	1.959963984540054:   1.3010299956639808,
	3:                   2.5686690402653873,
	5.5:                 7.4204550459623331,
	8:                   14.905112555353172,
	12.5:                35.126962706517048,
	20:                  88.259065347411607,
	27:                  159.8303560671267,
	28.300000000000001:  175.46144076225988,
	30:                  197.00817926599694,
	36:                  283.07752117238431,
	36.5:                290.95508993703288,
	37:                  298.94115118294593,
	40:                  349.13597646368186,
	100:                 2173.5705128733703,
	1000:                217150.3390119987,
}

func TestNormal(t *testing.T) {
	for z, want := range tails {
		if got := Normal(z); math.Abs(got-want) > 1e-13*max(1, want) {
			t.Errorf("z %g: %.17g, want %.17g", z, got, want)
		}
		if got := Z(want); z > 0 && math.Abs(got-z) > 3e-13*z {
			t.Errorf("−log10 P %g: %.17g, want %g", want, got, z)
		}
		if Normal(-z) != Normal(z) {
			t.Errorf("−%g", z)
		}
	}
	// By the continued fraction of erfc, with 40 digits.
	for negLog10, want := range map[float64]float64{400: 1834.1010929470287, 5000: 23015.355343450320} {
		if got := Z(negLog10) * Z(negLog10); math.Abs(got-want) > 1e-12*want {
			t.Errorf("z² of p = 1e-%v is %v, want %v", negLog10, got, want)
		}
	}
	if got := Z(math.Inf(1)); got != math.Inf(1) {
		t.Errorf("z of P = 0 is %v", got)
	}
	for _, got := range []float64{Z(0), Normal(0)} {
		if got != 0 || math.Signbit(got) {
			t.Errorf("%v, want 0", got)
		}
	}
}
