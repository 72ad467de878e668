package meta

import (
	"math"

	"gonum.org/v1/gonum/mathext"

	"genoveil/genomics/pvalue"
)

// A Result has the statistics of a variant. What its study does not give is NaN.
type Result struct {
	Effect, StdErr float64 // of ALT; NaN with SampleSize
	Z              float64
	LogP           float64 // −log10 of the two-sided P
	Freq, FreqSE   float64 // of ALT, weighted as the effects are
	HetISq         float64 // in per cent
	HetChiSq       float64
	HetDf          int
	HetP           float64
	Tau2           float64 // DerSimonian and Laird's variance between sites
}

// Result makes the statistics of a total, as METAL does. Its P are exact tails of the
// normal distribution. METAL's are Hill's approximation up to |Z| = 20, which is right to
// about ten digits, and have three digits beyond. The total has samples.
func (s *Study) Result(t *Total) Result {
	r := Result{
		Effect: t.WBeta / t.W, StdErr: math.Sqrt(1 / t.W), Z: t.WBeta / math.Sqrt(t.W),
		Freq: t.WFreq / t.W, FreqSE: math.Sqrt(t.FreqVariance),
	}
	if s.Scheme == SampleSize {
		r.Effect, r.StdErr = math.NaN(), math.NaN()
	}
	r.LogP = pvalue.Normal(r.Z)
	r.HetDf = max(t.Sites-1, 0)
	r.HetChiSq = max(t.WBeta2-t.WBeta/t.W*t.WBeta, 0) // NaN without w·β²
	r.HetISq, r.HetP = heterogeneity(r.HetChiSq, r.HetDf)
	df := float64(r.HetDf)
	if r.Tau2 = (r.HetChiSq - df) / (t.W - t.W2/t.W); r.HetDf == 0 && !math.IsNaN(t.W2) || r.Tau2 < 0 {
		r.Tau2 = 0
	}
	return r
}

// heterogeneity has I² and P of Cochran's Q. METAL's P is 1 where Q is below 1e-7.
func heterogeneity(q float64, df int) (isq, p float64) {
	switch {
	case math.IsNaN(q):
		return q, q
	case df == 0:
		return 0, 1
	}
	if q > float64(df) {
		isq = (q - float64(df)) / q * 100
	}
	if q < 1e-7 {
		return isq, 1
	}
	return isq, mathext.GammaIncRegComp(float64(df)/2, q/2)
}
