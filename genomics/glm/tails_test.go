package glm

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

// The expected logarithms are from mpmath 1.3.0 at 60 and more digits.

// closeLog compares logarithms of P values: relatively, or where they are near 0
// absolutely.
func closeLog(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func TestLogStudentTail(t *testing.T) {
	for _, c := range []struct{ df, t, want float64 }{
		{1, 0.001, -0.00063682228843839836},
		{1, 1.7, -1.0832133000522094},
		{1, 1.75, -1.1071526103878118},
		{1, 10, -2.75748677508702},
		{1, 38, -4.0893996360303797},
		{1, 200, -5.7499084050805485},
		{1, 5e6, -15.876531175687843},
		{2, 0.001, -0.0007073567221984957},
		{2, 1.7, -1.4643275756377461},
		{2, 1.75, -1.5040773967762741},
		{2, 10, -4.6200344109116636},
		{2, 38, -7.2762104417674269},
		{2, 200, -10.596672232236726},
		{2, 5e6, -30.849896940796809},
		{5, 0.001, -0.00075950157611945949},
		{5, 1.7, -1.8979417434481545},
		{5, 1.75, -1.9623886641610699},
		{5, 10, -8.6741536230677668},
		{5, 38, -15.251934837755106},
		{5, 200, -23.548451257301343},
		{5, 5e6, -74.181338935618879},
		{30, 0.001, -0.00079157744829319672},
		{30, 1.7, -2.3078200154366298},
		{30, 1.75, -2.4041558217168716},
		{30, 10, -23.807774373098363},
		{30, 38, -60.343154086886337},
		{30, 200, -109.87717646729544},
		{30, 5e6, -413.66521522268632},
		{99, 0.001, -0.00079618901723564542},
		{99, 1.7, -2.3830285253600353},
		{99, 1.75, -2.4863074867529343},
		{99, 10, -36.75154299548689},
		{99, 38, -138.43841651713803},
		{99, 200, -299.72201286673542},
		{99, 5e6, -1302.1373424752714},
		{101, 0.001, -0.00079622884555313178},
		{101, 1.7, -2.3837022528127142},
		{101, 1.75, -2.4870451047033356},
		{101, 10, -36.949652377337026},
		{101, 38, -140.24946429485879},
		{101, 200, -304.72841012929239},
		{101, 5e6, -1327.3920362281079},
		{943, 0.001, -0.00079799123787495644},
		{943, 1.7, -2.413956053304941},
		{943, 1.75, -2.5201996062408559},
		{943, 10, -50.010554641383506},
		{943, 38, -441.29444037717594},
		{943, 200, -1781.6040990043873},
		{943, 5e6, -11320.042244947017},
		{10000, 0.001, -0.00079818294421743602},
		{10000, 1.7, -2.4173000842289251},
		{10000, 1.75, -2.523868092615659},
		{10000, 10, -52.284840216542359},
		{10000, 38, -678.19906442853925},
		{10000, 200, -8051.9090019269172},
		{10000, 5e6, -108202.61383264126},
		{500000, 0.001, -0.00079820250775892521},
		{500000, 1.7, -2.4176419391189362},
		{500000, 1.75, -2.5242431593690957},
		{500000, 10, -52.533039109434857},
		{500000, 38, -724.822062369787},
	} {
		for _, x := range []float64{c.t, -c.t} {
			if got := logStudentTail(x, c.df); !closeLog(got, c.want, 1e-10) {
				t.Errorf("t %g, df %g: %.17g, want %.17g", x, c.df, got, c.want)
			}
		}
	}
	if got := logStudentTail(0, 5); got != 0 {
		t.Errorf("t 0: %g", got)
	}
}

func TestLogNormalTail(t *testing.T) {
	for _, c := range []struct{ z, want float64 }{
		{0, 0},
		{0.001, -0.00079820290701986936},
		{1, -1.1478744644493182},
		{1.96, -2.9958164711696934},
		{5, -14.37185121342878},
		{10, -52.538137969952525},
		{28, -395.55926733107109},
		{28.3, -404.01489789443746},
		{37, -688.33743839633065},
		{40, -803.91529483319384},
		{100, -5004.8310615136451},
		{1000, -500007.13354763162},
	} {
		for _, z := range []float64{c.z, -c.z} {
			if got := logNormalTail(z); !closeLog(got, c.want, 1e-14) {
				t.Errorf("z %g: %.17g, want %.17g", z, got, c.want)
			}
		}
	}
}

// Against the library's incomplete beta function, which has nine digits where df is
// large, and no values below 1e-300.
func TestLogStudentTailAgainstLibrary(t *testing.T) {
	for df := 1.0; df < 5e6; df *= 3.7 {
		for x := 0.01; x < 30; x *= 1.3 {
			want := mathext.RegIncBeta(df/2, 0.5, df/(df+x*x))
			if x < 2 {
				want = 1 - mathext.RegIncBeta(0.5, df/2, x*x/(df+x*x))
			}
			if got := logStudentTail(x, df); want > 1e-300 && !closeLog(got, math.Log(want), 3e-9) {
				t.Errorf("t %g, df %g: %.17g, want %.17g", x, df, got, math.Log(want))
			}
		}
	}
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
		got, want := logPoissonTail(z*math.Sqrt(v), v, skewLimit*math.Pow(v, 1.5)), logNormalTail(z)
		if math.Abs(got-want) > 2.5e-3 {
			t.Errorf("z %g: P differ by a factor of %g", z, math.Exp(got-want))
		}
	}
}
