package meta

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"genoveil/genomics/pvalue"
)

// exact is what a site's words stand for, in numbers of any size.
type exact [len(wordNames)]*big.Rat

func rat(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

func times(a *big.Rat, more ...*big.Rat) *big.Rat {
	product := new(big.Rat).Set(a)
	for _, x := range more {
		product.Mul(product, x)
	}
	return product
}

// root is √x to 300 bits.
func root(x float64) *big.Rat {
	f := new(big.Float).SetPrec(300).SetFloat64(x)
	r, _ := f.Sqrt(f).Rat(nil)
	return r
}

// slowValues makes a site's values as the formulas have them.
func slowValues(s *Study, e *Estimate, lambda float64) (v exact) {
	for i := range v {
		v[i] = new(big.Rat)
	}
	if !e.Present {
		return v
	}
	n, f := rat(float64(e.N)), rat(e.AF)
	var w, beta *big.Rat
	if s.Scheme == SampleSize {
		w = n
		beta = times(rat(math.Copysign(pvalue.Z(e.LogP), e.Beta)), new(big.Rat).Inv(times(root(float64(e.N)), root(lambda))))
	} else {
		w = new(big.Rat).Inv(times(rat(e.SE), rat(e.SE), rat(lambda)))
		beta = rat(e.Beta)
	}
	v[sumSites], v[sumSamples], v[sumCases] = rat(1), n, rat(float64(e.Cases))
	v[sumAlleles] = times(rat(2), n, f)
	if v[sumEffective] = n; e.Cases > 0 {
		v[sumEffective] = times(rat(4), rat(float64(e.Cases)), rat(float64(e.N-e.Cases)), new(big.Rat).Inv(n))
	}
	if e.Info >= 0 {
		v[sumInfo], v[sumInfoSites] = rat(float64(e.Info)), rat(1)
	}
	v[sumW], v[sumW2], v[sumWBeta], v[sumWBeta2] = w, times(w, w), times(w, beta), times(w, beta, beta)
	v[sumWFreq], v[sumWFreq2] = times(w, f), times(w, f, f)
	return v
}

func drawStudy(t *rapid.T) *Study {
	s := &Study{
		Scheme: Scheme(rapid.IntRange(0, 1).Draw(t, "scheme")), Contributors: rapid.IntRange(2, 64).Draw(t, "contributors"),
		N:             rapid.IntRange(1000, 5_000_000).Draw(t, "N"),
		ResidualSD:    rapid.SampledFrom([]float64{0, 1e-4, 0.3, 1, 170}).Draw(t, "SD"),
		Heterogeneity: true, FrequencySE: true, Tau: true,
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s
}

// drawEstimate draws an estimate as a site of the study has it, whose standard error is
// that of its frequency, within a factor.
func drawEstimate(t *rapid.T, s *Study, af float64) Estimate {
	n := rapid.IntRange(10, s.N/s.Contributors).Draw(t, "n")
	f := min(max(af*rapid.Float64Range(0.5, 2).Draw(t, "frequency"), 0.0001), 0.9999)
	e := Estimate{
		AF: f, N: int32(n), Cases: int32(rapid.IntRange(0, n).Draw(t, "cases")), Info: float32(rapid.Float64Range(0, 1).Draw(t, "info")),
		Present: rapid.IntRange(0, 9).Draw(t, "present") > 0,
	}
	e.SE = math.Sqrt(rapid.Float64Range(1, 100).Draw(t, "factor") / (float64(n) * 2 * f * (1 - f) * s.information()))
	e.Beta = rapid.Float64Range(-30, 30).Draw(t, "z") * e.SE
	e.LogP = pvalue.Normal(e.Beta / e.SE)
	return e
}

// TestTwin compares words, totals and statistics with numbers of any size.
func TestTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t)
		af := rapid.Float64Range(0.0002, 0.9).Draw(t, "af")
		columns, scale := s.Words(), s.scale(af)
		sum := make([]uint64, len(columns))
		var whole exact
		for i := range whole {
			whole[i] = new(big.Rat)
		}
		for range rapid.IntRange(1, min(s.Contributors, 6)).Draw(t, "sites") {
			e := drawEstimate(t, s, af)
			lambda := rapid.Float64Range(1, 1.3).Draw(t, "lambda")
			words := make([]uint64, len(columns))
			if err := s.Encode(words, &e, af, lambda); err != nil {
				t.Fatal(err)
			}
			want := slowValues(s, &e, lambda)
			for i, w := range columns {
				scaled := times(want[w], powerOfTwo(scale.exponent(w)))
				far := new(big.Rat).Sub(scaled, new(big.Rat).SetInt64(int64(words[i])))
				// Half a unit, and what a float64 of a few operations has lost.
				most := new(big.Rat).Add(big.NewRat(1, 2), times(new(big.Rat).Abs(scaled), powerOfTwo(-50)))
				if new(big.Rat).Abs(far).Cmp(most) > 0 {
					t.Fatalf("%v: %d, want %s", w, int64(words[i]), scaled.FloatString(3))
				}
				sum[i] += words[i]
			}
			for i := range whole {
				whole[i].Add(whole[i], want[i])
			}
		}
		total, err := s.Decode(sum, af)
		if err != nil {
			t.Fatal(err)
		}
		if total.Samples == 0 {
			return
		}
		compareResult(t, s, scale, &total, &whole)
	})
}

func powerOfTwo(e int) *big.Rat {
	x := new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), uint(max(e, -e))))
	if e < 0 {
		x.Inv(x)
	}
	return x
}

// compareResult makes the statistics of the values themselves. They may differ by what the
// rounding of the words makes of them.
func compareResult(t *rapid.T, s *Study, scale exponents, total *Total, v *exact) {
	over := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Quo(a, b) }
	minus := func(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
	float := func(x *big.Rat) float64 { f, _ := x.Float64(); return f }
	r := s.Result(total)
	q := minus(v[sumWBeta2], over(times(v[sumWBeta], v[sumWBeta]), v[sumW]))
	df := rat(float64(total.Sites - 1))
	f := over(v[sumWFreq], v[sumW])
	z := float(v[sumWBeta]) / math.Sqrt(float(v[sumW]))
	whole := float(v[sumW])
	unit := func(w Word) float64 { return math.Ldexp(float64(total.Sites), -scale.exponent(w)) }
	dW := unit(sumW)/whole + 1e-14
	dZ := unit(sumWBeta)/math.Sqrt(whole) + math.Abs(z)*dW + 1e-13
	dQ := unit(sumWBeta2) + 2*math.Abs(z)*dZ + 1e-11
	type number struct {
		name             string
		got, want, least float64
	}
	numbers := []number{
		{"Z", r.Z, z, dZ},
		{"P", r.LogP, pvalue.Normal(z), (math.Abs(z) + 1) * dZ},
		{"Freq", r.Freq, float(f), 2 * dW},
		{"FreqSE", r.FreqSE * r.FreqSE, float(minus(over(v[sumWFreq2], v[sumW]), times(f, f))), 4 * dW},
		{"HetChiSq", r.HetChiSq, float(q), dQ},
	}
	if s.Scheme == StdErr {
		numbers = append(numbers, number{"Effect", r.Effect / r.StdErr, z, dZ}, number{"StdErr", r.StdErr * math.Sqrt(whole), 1, dW})
	}
	if s.Scheme == StdErr && total.Sites > 1 {
		// In units of SE². Where one site has nearly all of w, nothing is left below.
		below := 1 - float(over(v[sumW2], times(v[sumW], v[sumW])))
		tau2 := max(float(minus(q, df))/below, 0)
		dBelow := unit(sumW2)/whole/whole + 3*dW
		if below > 10*dBelow {
			numbers = append(numbers, number{"τ²", r.Tau2 * whole, tau2, 2 * (dQ + tau2*dBelow) / below})
		}
	}
	for _, x := range numbers {
		if !(math.Abs(x.got-x.want) <= x.least) {
			t.Fatalf("%s: %.15g, want %.15g", x.name, x.got, x.want)
		}
	}
	if total.Sites-1 != r.HetDf || total.Sites != int(float(v[sumSites])) || total.Samples != int(float(v[sumSamples])) || total.Cases != int(float(v[sumCases])) {
		t.Fatalf("%+v", total)
	}
	if !(math.Abs(float64(total.Alleles)-float(v[sumAlleles])) <= 0.51*float64(total.Sites)) || !(math.Abs(total.Info-float(v[sumInfo])/float(v[sumInfoSites])) < 1e-4) {
		t.Fatalf("%+v", total)
	}
}

// TestVariance compares with numbers of any size.
func TestVariance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.Int64Range(1, math.MaxInt64).Draw(t, "w")
		wf := rapid.Int64Range(0, w).Draw(t, "wf")
		wff := rapid.Int64Range(0, wf).Draw(t, "wff")
		x := func(a int64) *big.Rat { return new(big.Rat).SetInt64(a) }
		want, _ := new(big.Rat).Quo(new(big.Rat).Sub(times(x(wff), x(w)), times(x(wf), x(wf))), times(x(w), x(w))).Float64()
		if got := variance(w, wf, wff); math.Abs(got-max(want, 0)) > 1e-14*math.Abs(want) {
			t.Fatalf("%g, want %g", got, want)
		}
	})
}

// TestRange: a site of four times the mean size has room at any frequency of its own, and
// what has none is refused by name of the word.
func TestRange(t *testing.T) {
	for _, contributors := range []int{2, 12, 64} {
		s := &Study{Contributors: contributors, N: 100_000 * contributors, Heterogeneity: true, FrequencySE: true, Tau: true}
		words := make([]uint64, len(s.Words()))
		for _, af := range []float64{0, 1e-6, 0.001, 0.3, 1, math.NaN()} {
			for _, f := range []float64{0.0001, 0.1, 0.5} {
				e := Estimate{AF: f, N: 400_000, Info: 1, Present: true}
				e.SE = 1 / math.Sqrt(400_000*2*f*(1-f)*0.25)
				for _, z := range []float64{0, 40, -40} {
					e.Beta = z * e.SE
					if err := s.Encode(words, &e, af, 1); err != nil {
						t.Errorf("%d contributors, af %g, f %g, z %g: %v", contributors, af, f, z, err)
					}
				}
			}
		}
	}
	s := &Study{Contributors: 64, N: 1000}
	words := make([]uint64, len(s.Words()))
	good := Estimate{Beta: 0.1, SE: 0.1, LogP: 1, AF: 0.5, N: 800, Cases: 400, Present: true}
	for _, test := range []struct {
		change func(e *Estimate)
		lambda float64
		want   string
	}{
		{func(e *Estimate) {}, 1, ""},
		{func(e *Estimate) {}, 0.99, "genomic control of 0.99"},
		{func(e *Estimate) {}, math.NaN(), "genomic control of NaN"},
		{func(e *Estimate) { e.N = 0 }, 1, "no number of samples"},
		{func(e *Estimate) { e.Cases = 801 }, 1, "801 cases of 800 samples"},
		{func(e *Estimate) { e.AF = math.NaN() }, 1, "no allele frequency"},
		{func(e *Estimate) { e.SE = math.NaN() }, 1, "no standard error"},
		{func(e *Estimate) { e.SE = 0.07 }, 1, "a standard error of 0.07 is less than 800 samples can have"},
		{func(e *Estimate) { e.SE = 5e-324 }, 1, "a standard error of 5e-324 is less than"},
		{func(e *Estimate) { e.Beta = 103 }, 1, "an effect of 1030 standard errors"},
		{func(e *Estimate) { e.Beta = math.Inf(1) }, 1, "an effect of +Inf"},
		{func(e *Estimate) { e.N, e.SE = 1<<30, 1e-4 }, 1, "w is 1e+08, out of the range that 64 contributors have room for"},
	} {
		e := good
		test.change(&e)
		err := s.Encode(words, &e, 0.5, test.lambda)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%v, want %s…", err, test.want)
		}
	}
	s.Scheme = SampleSize
	good.LogP = math.NaN()
	if err := s.Encode(make([]uint64, 9), &good, 0.5, 1); err == nil || err.Error() != "no P" {
		t.Error(err)
	}
}

// TestImpossible: totals that no tables have are refused.
func TestImpossible(t *testing.T) {
	s := &Study{Contributors: 3, N: 1000, Heterogeneity: true, FrequencySE: true, Tau: true}
	columns := s.Words()
	e := Estimate{Beta: 0.1, SE: 0.2, AF: 0.5, N: 300, Cases: 100, Info: 1, Present: true}
	for _, test := range []struct {
		word Word
		add  int64
	}{
		{sumSites, 3}, {sumSites, -1}, {sumSamples, 701}, {sumSamples, -300}, {sumSamples, -301}, {sumCases, 201}, {sumCases, -101}, {sumAlleles, 310}, {sumAlleles, -301},
		{sumEffective, 100}, {sumEffective, -300}, {sumInfo, 5 << 16}, {sumInfoSites, 2}, {sumInfoSites, -2},
		{sumW, math.MaxInt64 / 2}, {sumW, math.MinInt64}, {sumWBeta, 1 << 60}, {sumWBeta, -1 << 60}, {sumWFreq, 1 << 60}, {sumWFreq, math.MinInt64},
		{sumWBeta2, -1 << 40}, {sumWFreq2, 1 << 60}, {sumWFreq2, math.MinInt64}, {sumW2, 1 << 60}, {sumW2, math.MinInt64},
	} {
		words := make([]uint64, len(columns))
		if err := s.Encode(words, &e, 0.5, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Decode(words, 0.5); err != nil {
			t.Fatal(err)
		}
		for i, w := range columns {
			if w == test.word {
				words[i] += uint64(test.add)
			}
		}
		if total, err := s.Decode(words, 0.5); err == nil {
			t.Errorf("%v with %d more: %+v", test.word, test.add, total)
		}
	}
	if _, err := s.Decode(make([]uint64, len(columns)), 0.5); err != nil {
		t.Errorf("of no site: %v", err)
	}
}

func TestCheck(t *testing.T) {
	for _, test := range []struct {
		study Study
		want  string
	}{
		{Study{Contributors: 2, N: 100}, ""},
		{Study{Contributors: 2, N: 100, Core: true, Scheme: SampleSize}, ""},
		{Study{Contributors: 1, N: 100}, "1 contributors"},
		{Study{Contributors: 2000, N: 10000}, "2000 contributors"},
		{Study{Contributors: 3, N: 2}, "2 samples of 3 contributors"},
		{Study{Contributors: 3, N: 1 << 41}, "2199023255552 samples"},
		{Study{Contributors: 3, N: 100, ResidualSD: -1}, "residual standard deviation -1"},
		{Study{Contributors: 3, N: 100, ResidualSD: math.NaN()}, "residual standard deviation NaN"},
		{Study{Contributors: 3, N: 100, Tau: true}, "τ² needs"},
		{Study{Contributors: 3, N: 100, Core: true, Heterogeneity: true}, "core sums are without"},
		{Study{Scheme: 2, Contributors: 3, N: 100}, "scheme 2"},
	} {
		err := test.study.Check()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%+v: %v, want %s…", test.study, err, test.want)
		}
	}
	for core, want := range map[string]string{
		fmt.Sprint((&Study{Core: true}).Words()):                                                 "[N w w·β]",
		fmt.Sprint((&Study{Core: true, Scheme: SampleSize}).Words()):                             "[N w·β]",
		fmt.Sprint((&Study{}).Words()):                                                           "[sites N cases allele count effective N INFO sites with INFO w w·β w·f]",
		fmt.Sprint((&Study{Scheme: SampleSize, Heterogeneity: true, FrequencySE: true}).Words()): "[sites N cases allele count effective N INFO sites with INFO w·β w·f w·β² w·f²]",
	} {
		if core != want {
			t.Errorf("%s, want %s", core, want)
		}
	}
}

// TestHeterogeneity compares P with closed forms and with R's pchisq(q, df, lower = FALSE).
func TestHeterogeneity(t *testing.T) {
	for _, test := range []struct {
		q      float64
		df     int
		isq, p float64
	}{
		{0, 2, 0, 1}, {5e-8, 3, 0, 1}, {3, 0, 0, 1}, {1, 2, 0, math.Exp(-0.5)}, {8, 2, 75, math.Exp(-4)}, {1000, 2, 99.8, math.Exp(-500)},
		{4, 1, 75, math.Erfc(math.Sqrt2)}, {30, 11, 100 * 19.0 / 30, 0.001584595257306605},
	} {
		isq, p := heterogeneity(test.q, test.df)
		if math.Abs(isq-test.isq) > 1e-12 || math.Abs(p-test.p) > 1e-12*test.p {
			t.Errorf("%g on %d: %g, %.16g", test.q, test.df, isq, p)
		}
	}
}

// TestAnyWords: a sum that somebody falsified is refused, or makes numbers that can be.
func TestAnyWords(t *testing.T) {
	refused, accepted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t)
		af := rapid.Float64Range(0.0002, 0.9).Draw(t, "af")
		e := drawEstimate(t, s, af)
		words := make([]uint64, len(s.Words()))
		if err := s.Encode(words, &e, af, 1); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "falsified") {
			by := rapid.Uint64().Draw(t, "by") >> rapid.IntRange(0, 63).Draw(t, "shift")
			if rapid.Bool().Draw(t, "less") {
				by = -by
			}
			words[rapid.IntRange(0, len(words)-1).Draw(t, "word")] += by
		}
		total, err := s.Decode(words, af)
		if err != nil || total.Samples == 0 {
			refused++
			return
		}
		accepted++
		r := s.Result(&total)
		if r.HetP < 0 || r.HetP > 1 || r.HetISq < 0 || r.HetISq > 100 || r.Freq < 0 || r.StdErr < 0 || r.LogP < 0 || r.Tau2 < 0 || r.FreqSE < 0 ||
			r.HetDf < 0 || r.HetDf >= s.Contributors || total.Samples > s.N || total.Cases > total.Samples {
			t.Fatalf("%+v, %+v", total, r)
		}
	})
	if refused < 10 || accepted < 10 {
		t.Errorf("%d refused, %d accepted", refused, accepted)
	}
}
