package glm

import (
	"math"
	"testing"

	"genoveil/genomics/pvalue"
)

// The expected logarithms are from mpmath 1.3.0 at 60 and more digits.

// closeLog compares logarithms of P values: relatively, or where they are near 0
// absolutely.
func closeLog(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func TestLogPoissonTail(t *testing.T) {
	for _, c := range []struct{ u, v, k3, want float64 }{
		{0, 5, 1, 0},
		{1, 0.5, 0.4, -1.4992583358854143},
		{2, 0.5, 0.4, -4.0851920410291639},
		{3, 0.4, 0.39, -6.4079374640043434},
		{-3, 0.4, 0.39, -6.4079374640043434},
		{3, 0.4, -0.39, -6.4079374640043434},
		{10, 4, 2, -11.69319034307393},
		{-10, 4, 2, -11.69319034307393},
		{30, 25, 3, -19.766993026689921},
		{-30, 25, 3, -19.766993026689921},
		{100, 100, 5, -52.245228644875546},
		{200, 100, 2.5, -200.66323349034898},
		{400, 100, 30, -598.53981551577867},
		{-400, 100, 30, -598.53981551577867},
		{3000, 100, 30, -15590.348104206603},
		{500, 100, 2, -1215.1296915734104},
		{50, 0.2, 0.199, -231.84044067589471},
		{20, 16, 0.2, -14.370227446374137},
	} {
		if got := logPoissonTail(c.u, c.v, c.k3); !closeLog(got, c.want, 1e-12) {
			t.Errorf("U %g, V %g, κ₃ %g: %.17g, want %.17g", c.u, c.v, c.k3, got, c.want)
		}
	}
}

// A centred Poisson variable is its own approximation: at a whole number the
// tail is the sum of probabilities, half of the first.
func TestLogPoissonTailIsExact(t *testing.T) {
	const mean = 7.0
	probability := func(k int) float64 {
		g, _ := math.Lgamma(float64(k) + 1)
		return math.Exp(float64(k)*math.Log(mean) - mean - g)
	}
	for count := 8; count < 60; count++ {
		want := probability(count) / 2
		for k := count + 1; k < count+100; k++ {
			want += probability(k)
		}
		if low := 2*int(mean) - count; low >= 0 {
			want += probability(low) / 2
			for k := range low {
				want += probability(k)
			}
		}
		if got := logPoissonTail(float64(count)-mean, mean, mean); !closeLog(got, math.Log(want), 1e-12) {
			t.Errorf("count %d: %.17g, want %.17g", count, got, math.Log(want))
		}
	}
}

// Where skewness vanishes the normal distribution takes over without a step.
func TestSkewLimit(t *testing.T) {
	v := 50.0
	for z := 0.0; z < 5.8; z += 0.1 {
		got, want := logPoissonTail(z*math.Sqrt(v), v, skewLimit*math.Pow(v, 1.5)), pvalue.LogNormal(z)
		if math.Abs(got-want) > 2.5e-3 {
			t.Errorf("z %g: P differ by a factor of %g", z, math.Exp(got-want))
		}
	}
}
