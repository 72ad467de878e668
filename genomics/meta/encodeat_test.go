package meta

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestEncodeAt picks variants out of a list in any order, some without squares.
func TestEncodeAt(t *testing.T) {
	l, sites := threeSites(t, "CASE")
	variants := []int32{500, 3, 3, 14_078, 0}
	for _, scheme := range []Scheme{StdErr, SampleSize} {
		s := &Study{Scheme: scheme, Contributors: 3, N: 957, Heterogeneity: true, FrequencySE: true, Tau: true}
		width, without := len(s.Words()), len(s.WithoutSquares().Words())
		if !slices.Equal(s.Words()[:without], s.WithoutSquares().Words()) || width-without != map[Scheme]int{StdErr: 3, SampleSize: 2}[scheme] || s.WithoutSquares().Heterogeneity {
			t.Errorf("%v and %v", s.Words(), s.WithoutSquares().Words())
		}
		whole := make([]uint64, width*l.Len())
		if err := sites[1].Encode(whole, s, l, 0, l.Len(), 1.25); err != nil {
			t.Fatal(err)
		}
		for _, squares := range [][]bool{nil, {true, false, true, false, true}} {
			words := make([]uint64, width*len(variants))
			for i := range words {
				words[i] = 99
			}
			if err := sites[1].EncodeAt(words, s, l, variants, squares, 1.25); err != nil {
				t.Fatal(err)
			}
			for k, i := range variants {
				want := slices.Clone(whole[int(i)*width:][:width])
				if squares != nil && !squares[k] {
					clear(want[without:])
				}
				if got := words[k*width:][:width]; !slices.Equal(got, want) {
					t.Errorf("variant %d: %v, want %v", i, got, want)
				}
			}
		}
	}
}

// TestWithoutSquares: a total without squares has the statistics that need none, and no
// others; one with squares is refused.
func TestWithoutSquares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawStudy(t)
		l := &List{af: []float64{0.2}}
		e := drawEstimate(t, s, 0.2)
		e.Present = true
		h := &Harmonised{Estimates: []Estimate{e}}
		words := make([]uint64, len(s.Words()))
		encode := func(squares bool) {
			if err := h.EncodeAt(words, s, l, []int32{0}, []bool{squares}, 1); err != nil {
				t.Fatal(err)
			}
		}
		encode(true)
		total, err := s.Decode(words, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		words[len(words)-1] |= 1
		if _, err := s.DecodeWithoutSquares(words, 0.2); !errors.Is(err, ErrImpossible) {
			t.Fatal(err)
		}
		encode(false)
		plain, err := s.DecodeWithoutSquares(words, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		total.WBeta2, total.FreqVariance = math.NaN(), math.NaN()
		if s.Scheme == StdErr {
			total.W2 = math.NaN()
		}
		if diff := cmp.Diff(total, plain, cmpopts.EquateNaNs()); diff != "" {
			t.Fatal(diff)
		}
		r := s.Result(&plain)
		for name, x := range map[string]float64{"HetISq": r.HetISq, "HetChiSq": r.HetChiSq, "HetP": r.HetP, "FreqSE": r.FreqSE, "Tau2": r.Tau2} {
			if !math.IsNaN(x) {
				t.Fatalf("%s is %g", name, x)
			}
		}
		if math.IsNaN(r.Z) || math.IsNaN(r.Freq) {
			t.Fatalf("%+v", r)
		}
	})
}
