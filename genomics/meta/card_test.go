package meta

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/pvalue"
	"genoveil/genomics/sumstats"
)

// TestCards: the tables of three sites have no problem, and each of the mistakes that are
// made with tables has its own.
func TestCards(t *testing.T) {
	for _, trait := range []string{"CASE", "QT"} {
		l, sites := threeSites(t, trait)
		s := &Study{Contributors: 3, N: 957}
		if trait == "QT" {
			s.ResidualSD = 1.5
		}
		for i, h := range sites {
			for k := range h.Estimates { // the tables have no numbers of cases
				if trait == "CASE" {
					h.Estimates[k].Cases = h.Estimates[k].N * 2 / 5
				}
			}
			c := h.Card(l)
			if problems := h.Problems(&c, s); problems != nil {
				t.Errorf("%s, site %d: %q, %+v", trait, i+1, problems, c)
			}
			sum := 0.0
			for _, share := range c.AFDifference {
				sum += share
			}
			if math.Abs(sum-1) > 1e-12 || !(c.AFCorrelation > 0.9) || math.Abs(c.PZ-1) > 0.02 || !(c.Lambda[2] > 0.9 && c.Lambda[2] < 1.2) {
				t.Errorf("%s, site %d: %+v", trait, i+1, c)
			}
		}
		for _, test := range []struct {
			name, want string
			change     func(e *Estimate)
		}{
			{"SE of another test", "the standard errors do not fit P (slope 1.30): take them from P", func(e *Estimate) {
				e.LogP = pvalue.Normal(1.3 * e.Beta / e.SE)
			}},
			{"cm for m", "the standard errors are 1", func(e *Estimate) { e.Beta, e.SE = 100*e.Beta, 100*e.SE }},
			{"linear scale", "the standard errors are those of a linear model of 0 and 1", func(e *Estimate) { e.Beta, e.SE = 0.24*e.Beta, 0.24*e.SE }},
			{"alleles", "the allele frequencies correlate with the list's by -0.9", func(e *Estimate) { e.Beta, e.AF = -e.Beta, 1-e.AF }},
		} {
			if trait == "QT" && test.name == "linear scale" {
				continue
			}
			h := &Harmonised{Estimates: slices.Clone(sites[0].Estimates)}
			for k := range h.Estimates {
				test.change(&h.Estimates[k])
			}
			c := h.Card(l)
			if problems := h.Problems(&c, s); len(problems) != 1 || !strings.HasPrefix(problems[0], test.want) {
				t.Errorf("%s, %s: %q, want %s…", trait, test.name, problems, test.want)
			}
		}
	}
}

// TestXAndInfo simulates a table in which males are coded 0/1, and one on another build.
func TestXAndInfo(t *testing.T) {
	table := listHeader
	for i := range 2000 {
		table += fmt.Sprintf("v%d %s %d %d A G 0.3 0.3\n", i, []string{"1", "X"}[i%2], i+1, i+5001)
	}
	l, err := ReadList("l", strings.NewReader(table), "EUR")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	var rows []sumstats.Row
	for i := range 2000 {
		v := l.Variant(i)
		f := 0.05 + 0.4*random.Float64()
		row := sumstats.Row{Chrom: string(v.Chrom), Pos: v.Pos37, Effect: "G", Other: "A", EAF: f, N: 1000, Info: float64(i) / 2000}
		variance := 2 * f * (1 - f)
		if v.Chrom == "X" { // half of the samples, with half of the dosage
			variance *= 0.75
		}
		row.SE = 2 / math.Sqrt(1000*variance)
		row.Beta = random.NormFloat64() * row.SE
		row.LogP = pvalue.Normal(row.Beta / row.SE)
		l.af[i] = f
		rows = append(rows, row)
	}
	h, err := l.Harmonise(&memory{rows, true}, GRCh37)
	if err != nil {
		t.Fatal(err)
	}
	s := &Study{Contributors: 2, N: 2000, ResidualSD: 2}
	c := h.Card(l)
	if math.Abs(c.SEN-2) > 1e-9 || math.Abs(c.XRatio-math.Sqrt(4.0/3)) > 1e-9 || !math.IsNaN(c.Lambda[0]) || c.Info != [5]float64{float64(float32(0.05)), 0.25, 0.5, 0.75, float64(float32(0.95))} {
		t.Errorf("%+v", c)
	}
	if c.Program != "memory" || c.Build != GRCh37 || c.Rows != 2000 || c.Found != 2000 || c.N != 1000 || c.MedianN != 1000 || c.Cases != 0 {
		t.Errorf("%+v", c)
	}
	if problems := h.Problems(&c, s); len(problems) != 1 || problems[0] != "the standard errors on X are 1.15 times those on autosomes: males coded 0/1? Code them 0/2" {
		t.Errorf("%q", problems)
	}
	if h, err = l.Harmonise(&memory{rows, true}, GRCh38); err != nil {
		t.Fatal(err)
	}
	c = h.Card(l)
	if problems := h.Problems(&c, s); len(problems) != 1 || problems[0] != "2000 rows fit the list on the other build, and 0 on this: positions on another build?" {
		t.Errorf("%q", problems)
	}
}
