package test

import (
	"math/rand/v2"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
)

// TestModelsNeedTheirColumns: the table of models is refused where their columns were not
// asked for.
func TestModelsNeedTheirColumns(t *testing.T) {
	s := newStudy(t, 100, 1, 0)
	parts, err := chi2.Traits(s.of(chi2, 1, false), s.Cohort, silent, silent)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chi2.Tables(parts[0].Traits, Output{Models: true}); err == nil {
		t.Error("a table of models from sums against dosages alone")
	}
}

// TestChi2Counts compares the tables from moments with counts of the genotypes.
func TestChi2Counts(t *testing.T) {
	s := newStudy(t, 150, 1, 0)
	parts, err := chi2.Traits(s.of(chi2, 1, true), s.Cohort, silent, silent)
	if err != nil {
		t.Fatal(err)
	}
	trait := &parts[0].Traits[0]
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		row, all := make([]int, len(s.Samples)), genomics.Counts{}
		var want assoc.Table
		for i := range row {
			row[i] = r.IntN(4)
			all[row[i]]++
			switch {
			case trait.Columns[0].Values[i] == 1:
				want.Cases[row[i]]++
			case trait.Columns[1].Values[i] == 1:
				want.Controls[row[i]]++
			}
		}
		m := &Moments{Counts: all, Trait: trait, Sums: sums(trait, row), Steps: 1}
		if got := m.genotypeTable(); got != want {
			t.Fatalf("%v, counted %v", got, want)
		}
		if got, err := m.alleleTable(); err != nil || got != want.Alleles() {
			t.Fatalf("%v, %v, counted %v", got, err, want.Alleles())
		}
	}
}
