package meta

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"genoveil/genomics/pvalue"
)

// TestForestSlots: a slot gives what was written, to the last bit, at any size.
func TestForestSlots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := Estimate{
			SE: math.Pow(10, rapid.Float64Range(-6, 3).Draw(t, "SE")), AF: rapid.Float64Range(0, 1).Draw(t, "AF"),
			N: rapid.Int32Range(1, math.MaxInt32).Draw(t, "N"), Info: float32(math.NaN()), Present: true,
		}
		e.Beta = e.SE * rapid.Float64Range(-1000, 1000).Draw(t, "z")
		e.LogP = pvalue.Normal(e.Beta / e.SE)
		words := []uint64{1, 2, 3, 4}
		if err := EncodeForest(words, &e); err != nil {
			t.Fatal(err)
		}
		got, err := DecodeForest(words)
		if diff := cmp.Diff(e, got, cmpopts.EquateNaNs()); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
	})
	words := []uint64{1, 2, 3, 4}
	if err := EncodeForest(words, &Estimate{Beta: 1, SE: 1}); err != nil || !slices.Equal(words, make([]uint64, ForestWords)) {
		t.Errorf("%v, %v", words, err)
	}
	if e, err := DecodeForest(words); err != nil || e.Present {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestForestRefuses(t *testing.T) {
	good := Estimate{Beta: 0.5, SE: 0.25, N: 100, AF: 0.5, Present: true}
	for _, change := range []func(e *Estimate){
		func(e *Estimate) { e.Beta = math.NaN() }, func(e *Estimate) { e.Beta = math.Inf(1) }, func(e *Estimate) { e.Beta = 1e61 }, func(e *Estimate) { e.Beta = 257 },
		func(e *Estimate) { e.SE = 0 }, func(e *Estimate) { e.SE = -1 }, func(e *Estimate) { e.SE = math.NaN() }, func(e *Estimate) { e.SE = math.Inf(1) },
		func(e *Estimate) { e.SE, e.Beta = 1e-61, 0 }, func(e *Estimate) { e.N = 0 }, func(e *Estimate) { e.N = -1 },
		func(e *Estimate) { e.AF = math.NaN() }, func(e *Estimate) { e.AF = 1.5 }, func(e *Estimate) { e.AF = -0.5 },
	} {
		e := good
		change(&e)
		words := make([]uint64, ForestWords)
		if err := EncodeForest(words, &e); err == nil {
			t.Errorf("%+v is written", e)
		}
		words = []uint64{math.Float64bits(e.Beta), math.Float64bits(e.SE), uint64(e.N), math.Float64bits(e.AF)}
		if got, err := DecodeForest(words); !errors.Is(err, ErrImpossible) {
			t.Errorf("%+v is read as %+v", e, got)
		}
	}
	words := make([]uint64, ForestWords)
	if err := EncodeForest(words, &good); err != nil {
		t.Fatal(err)
	}
	words[2] += 1 << 31
	if _, err := DecodeForest(words); !errors.Is(err, ErrImpossible) {
		t.Error(err)
	}
}

// TestAddUp compares with the total of words.
func TestAddUp(t *testing.T) {
	l, sites := threeSites(t, "QT")
	s := &Study{Contributors: 3, N: 957, ResidualSD: 1.5, Heterogeneity: true, FrequencySE: true, Tau: true}
	width := len(s.Words())
	variants := []int32{7, 100, 5000}
	sum, words := make([]uint64, width*3), make([]uint64, width*3)
	for _, h := range sites {
		if err := h.EncodeAt(words, s, l, variants, nil, 1); err != nil {
			t.Fatal(err)
		}
		for i := range sum {
			sum[i] += words[i]
		}
	}
	for k, i := range variants {
		want, err := s.Decode(sum[k*width:][:width], l.AF(int(i)))
		if err != nil {
			t.Fatal(err)
		}
		got := AddUp([]Estimate{sites[0].Estimates[i], sites[1].Estimates[i], sites[2].Estimates[i]})
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-11)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestForestWriter(t *testing.T) {
	var table bytes.Buffer
	w, err := NewForestWriter(&table, []string{"brno", "oslo", "wien"})
	if err != nil {
		t.Fatal(err)
	}
	estimate := func(beta, se float64) Estimate {
		return Estimate{Beta: beta, SE: se, AF: 0.25, N: 600, LogP: pvalue.Normal(beta / se), Present: true}
	}
	variants := []Variant{{ID: "rs1", Ref: "A", Alt: "G"}, {ID: "rs2", Ref: "AT", Alt: "A"}, {ID: "rs3", Ref: "C", Alt: "T"}}
	for i, estimates := range [][]Estimate{{estimate(0.25, 0.125), {}, estimate(0.5, 0.125)}, {{}, estimate(-0.000123456789, 1e-5), {}}, make([]Estimate, 3)} {
		if err := w.Write(variants[i], estimates); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Write(variants[0], nil); err == nil {
		t.Error("a variant without estimates is written")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := `MarkerName Allele1 Allele2 Site Effect StdErr P N Freq1 HetISq HetChiSq HetDf HetPVal
rs1 g a brno 0.25 0.125 0.0455 600 0.2500 NA NA NA NA
rs1 g a wien 0.5 0.125 6.334e-05 600 0.2500 NA NA NA NA
rs1 g a ALL 0.375 0.0883883 2.209e-05 1200 0.2500 50.0 2.000 1 0.1573
rs2 a at oslo -0.000123457 1e-05 5.14e-35 600 0.2500 NA NA NA NA
rs2 a at ALL -0.000123457 1e-05 5.14e-35 600 0.2500 0.0 0.000 0 1
`
	if diff := cmp.Diff(strings.ReplaceAll(want, " ", "\t"), table.String()); diff != "" {
		t.Error(diff)
	}
}
