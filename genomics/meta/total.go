package meta

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// A Total is what the sum of sites' words stands for. What the study does not add up is
// NaN or 0.
type Total struct {
	Sites, Samples, Cases, Alleles, Effective int

	Info      float64 // mean over the sites that have one
	InfoSites int     // how many these are

	W, WBeta, WFreq, WBeta2, W2 float64

	// FreqVariance is Σwf²/Σw − (Σwf/Σw)², from the integers themselves: in floating point
	// nothing would be left of it where frequencies are alike.
	FreqVariance float64
}

// ErrImpossible says that a total cannot be one of a study: a site sent wrong numbers, or
// the sites did not have the same study.
var ErrImpossible = errors.New("the total cannot be one")

// Decode makes a total of the sum of sites' words. Af is the frequency in the list. It
// refuses a sum that no tables have.
func (s *Study) Decode(words []uint64, af float64) (Total, error) {
	scale := s.scale(af)
	var v [len(wordNames)]float64
	var integer [len(wordNames)]int64
	for i := range v {
		v[i] = math.NaN()
	}
	for i, w := range s.Words() {
		integer[w] = int64(words[i])
		v[w] = math.Ldexp(float64(integer[w]), -scale.exponent(w))
	}
	t := Total{
		Sites: int(integer[sumSites]), Samples: int(integer[sumSamples]), Cases: int(integer[sumCases]), Alleles: int(integer[sumAlleles]), Effective: int(integer[sumEffective]),
		Info: v[sumInfo] / v[sumInfoSites], InfoSites: int(integer[sumInfoSites]),
		W: v[sumW], WBeta: v[sumWBeta], WFreq: v[sumWFreq], WBeta2: v[sumWBeta2], W2: v[sumW2],
		FreqVariance: math.NaN(),
	}
	if s.Scheme == SampleSize {
		t.W = v[sumSamples]
	}
	if t.Samples == 0 {
		for _, w := range words {
			if w != 0 {
				return t, fmt.Errorf("no samples: %w", ErrImpossible)
			}
		}
		return t, nil
	}
	if s.FrequencySE {
		w := integer[sumW]
		if s.Scheme == SampleSize {
			w = int64(math.Ldexp(v[sumSamples], scale.w))
		}
		if wf, wff := integer[sumWFreq], integer[sumWFreq2]; wff < 0 || wff > wf+int64(s.Contributors) {
			return t, fmt.Errorf("w·f²: %w", ErrImpossible)
		}
		t.FreqVariance = variance(w, integer[sumWFreq], integer[sumWFreq2])
	}
	return t, s.possible(&t, scale)
}

// DecodeWithoutSquares makes a total of the words of a variant whose squares nobody added.
// It refuses a sum that has any.
func (s *Study) DecodeWithoutSquares(words []uint64, af float64) (Total, error) {
	plain := s.WithoutSquares()
	width := len(plain.Words())
	for _, w := range words[width:] {
		if w != 0 {
			return Total{}, fmt.Errorf("squares of a variant that has none: %w", ErrImpossible)
		}
	}
	return plain.Decode(words[:width], af)
}

// possible refuses a total that no tables have, apart from rounding: half a unit of each
// contributor and word.
func (s *Study) possible(t *Total, scale exponents) error {
	unit := func(w Word) float64 { return math.Ldexp(float64(s.Contributors), -scale.exponent(w)) }
	most := t.W + unit(sumW)
	wBeta := max(math.Abs(t.WBeta)-unit(sumWBeta), 0)
	for _, x := range []struct {
		wrong bool
		what  string
	}{
		{t.Samples < 0 || t.Samples > s.N, "N"},
		{s.Scheme == StdErr && !(t.W >= 0 && t.W <= float64(t.Samples)*s.information()+unit(sumW)), "w"},
		{!s.Core && (t.Sites < 1 || t.Sites > min(s.Contributors, t.Samples)), "sites"},
		{t.Cases < 0 || t.Cases > t.Samples, "cases"},
		{t.Alleles < 0 || t.Alleles > 2*t.Samples+t.Sites, "allele count"},
		{t.Effective < 0 || t.Effective > t.Samples+t.Sites, "effective N"},
		{t.InfoSites < 0 || t.InfoSites > t.Sites || t.Info < 0 || t.Info > maxInfo, "INFO"},
		{t.WFreq < 0 || t.WFreq > most, "w·f"},
		{math.Abs(t.WBeta) > maxZ*math.Sqrt(float64(s.Contributors)*most)+unit(sumWBeta), "w·β"},
		{t.WBeta2 < 0 || wBeta*wBeta > (t.WBeta2+unit(sumWBeta2))*most*(1+0x1p-40), "w·β²"},
		{t.W2 < 0 || t.W2 > most*most+unit(sumW2), "w²"},
	} {
		if x.wrong {
			return fmt.Errorf("%v: %w", x.what, ErrImpossible)
		}
	}
	return nil
}

// variance is (wff·w − wf²)/w² of integers in one scale, 0 where rounding makes it less. It
// is NaN where there is no weight.
func variance(w, wf, wff int64) float64 {
	if w <= 0 || wf < 0 || wff < 0 {
		return math.NaN()
	}
	aHi, aLo := bits.Mul64(uint64(wff), uint64(w))
	bHi, bLo := bits.Mul64(uint64(wf), uint64(wf))
	lo, borrow := bits.Sub64(aLo, bLo, 0)
	hi, borrow := bits.Sub64(aHi, bHi, borrow)
	if borrow != 0 {
		return 0
	}
	return (math.Ldexp(float64(hi), 64) + float64(lo)) / float64(w) / float64(w)
}
