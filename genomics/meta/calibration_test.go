package meta

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/shareddata"
)

// threeSites has the sites' tables of a trait and a list of their variants.
func threeSites(t *testing.T, trait string) (*List, []*Harmonised) {
	t.Helper()
	markers, cells := readMETAL(t, filepath.Join(shareddata.Dir(t, "three-sites"), "metal."+trait+".stderr.tbl.gz"))
	l := metalList(t, markers, cells)
	var sites []*Harmonised
	for site := 1; site <= 3; site++ {
		sites = append(sites, readSite(t, l, trait, site))
	}
	return l, sites
}

// lessOwn has the other sites' estimates at each variant: those of the total less the words
// of a site, as it makes them by itself.
func lessOwn(t *testing.T, s *Study, l *List, sites []*Harmonised, own int) []Estimate {
	t.Helper()
	width := len(s.Words())
	sum, words := make([]uint64, width*l.Len()), make([]uint64, width*l.Len())
	for _, h := range append(slices.Clone(sites), sites[own]) {
		if err := h.Encode(words, s, l, 0, l.Len(), 1); err != nil {
			t.Fatal(err)
		}
		for i := range sum {
			sum[i] += words[i]
		}
	}
	// Once in the sum, once behind it: less two times.
	for i := range sum {
		sum[i] -= 2 * words[i]
	}
	var others []Estimate
	for i := range l.Len() {
		total, err := s.Decode(sum[i*width:][:width], l.AF(i))
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, s.Others(&total))
	}
	return others
}

// choose takes the variants that stand in both lists and pass.
func choose(own, others []Estimate, variants []int) (a, b []Estimate) {
	for _, i := range variants {
		a, b = append(a, own[i]), append(b, others[i])
	}
	return a, b
}

// TestCalibration swaps cases and controls at the third site. Standard errors and genomic
// control stay; the slope at the other sites' four strongest variants changes its sign.
func TestCalibration(t *testing.T) {
	l, sites := threeSites(t, "CASE")
	s := &Study{Contributors: 3, N: 957}
	others := lessOwn(t, s, l, sites, 2)
	var order, null []int
	for i, o := range others {
		if z := math.Abs(o.Beta / o.SE); sites[2].Estimates[i].Present && o.Present {
			order = append(order, i)
			if z < 2 {
				null = append(null, i)
			}
		}
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Compare(math.Abs(others[j].Beta/others[j].SE), math.Abs(others[i].Beta/others[i].SE))
	})
	own := sites[2].Estimates
	slope := EffectSlope(choose(own, others, order[:4]))
	correlation := NullCorrelation(choose(own, others, null))
	if got := fmt.Sprintf("%.3f %.3f %d", slope.Value, slope.SE, slope.Variants); got != "0.587 0.210 4" {
		t.Errorf("slope %s", got)
	}
	if correlation.Variants != len(null) || math.Abs(correlation.Value) > 3*correlation.SE || math.Abs(correlation.SE-1/math.Sqrt(float64(len(null)))) > 1e-12 {
		t.Errorf("correlation %+v", correlation)
	}
	if problems := CalibrationProblems(slope, correlation); problems != nil {
		t.Errorf("%q", problems)
	}

	turned := &Harmonised{Estimates: slices.Clone(own)}
	for i := range turned.Estimates {
		turned.Estimates[i].Beta *= -1
	}
	if turned.Lambda(StdErr) != sites[2].Lambda(StdErr) || turned.Card(l).SEN != sites[2].Card(l).SEN {
		t.Error("genomic control or standard errors tell of swapped cases; then the calibration is not needed for it")
	}
	slope = EffectSlope(choose(turned.Estimates, others, order[:4]))
	want := "effect slope -0.59 (SE 0.21) on the other sites at 4 control variants: trait coded the other way round?"
	if problems := CalibrationProblems(slope, correlation); len(problems) != 1 || problems[0] != want {
		t.Errorf("%q", problems)
	}

	// The first site's samples are at the third, too.
	overlapping := lessOwn(t, &Study{Contributors: 4, N: 2000}, l, append(slices.Clone(sites), sites[0]), 3)
	correlation = NullCorrelation(choose(sites[0].Estimates, overlapping, null))
	if problems := CalibrationProblems(Slope{1, 0.1, 4}, correlation); len(problems) != 1 || !strings.Contains(problems[0], "samples that are at both?") {
		t.Errorf("%q of %+v", problems, correlation)
	}
	if problems := CalibrationProblems(Slope{100, 12, 4}, Slope{}); len(problems) != 1 || !strings.HasSuffix(problems[0], "trait in another unit, or another trait?") {
		t.Errorf("%q", problems)
	}
}

// TestSlope has effects of which the coefficients are known.
func TestSlope(t *testing.T) {
	own := []Estimate{{Beta: 1, SE: 0.5, Present: true}, {Beta: -3, SE: 1, Present: true}, {Beta: 50, SE: 1}, {Beta: 50, SE: 1, Present: true}}
	others := []Estimate{{Beta: 2, SE: 1, Present: true}, {Beta: -2, SE: 1, Present: true}, {Beta: 1, SE: 1, Present: true}, {}}
	// Σwxy = 4·2 + 6, Σwx² = 4·4 + 4
	if got := EffectSlope(own, others); math.Abs(got.Value-14.0/20) > 1e-15 || math.Abs(got.SE-1/math.Sqrt(20)) > 1e-15 || got.Variants != 2 {
		t.Errorf("%+v", got)
	}
	if got := NullCorrelation(own, others); math.Abs(got.Value-1) > 1e-15 || math.Abs(got.SE-math.Sqrt(0.5)) > 1e-15 || got.Variants != 2 {
		t.Errorf("%+v", got)
	}
}
