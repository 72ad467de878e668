package test

import (
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
)

// TestTables: every test names its tables apart, and each has a row for a variant, says
// what it wrote if it leaves some out, and refuses moments that nobody's genotypes have.
func TestTables(t *testing.T) {
	s := newStudy(t, 200, 2, 1)
	s.MissingRate = 0.01
	row, counts := make([]int, 200), genomics.Counts{}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range row {
		row[i] = r.IntN(4)
		counts[row[i]]++
	}
	for _, test := range All {
		parts, err := test.Traits(s.of(test, 2, true), s.Cohort, silent, silent)
		if err != nil {
			t.Fatal(err)
		}
		traits := parts[0].Traits
		tables, err := test.Tables(traits, Output{Prefix: "out", Format: "plink", Models: test.Models})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, table := range tables {
			trait := &traits[table.Trait]
			if seen[table.Path] || !strings.HasPrefix(table.Path, "out."+trait.Name+".") {
				t.Errorf("%s: a table of %s is %s", test.Name, trait.Name, table.Path)
			}
			seen[table.Path] = true
			var text strings.Builder
			rows, err := table.Open(&text, 10)
			if err != nil {
				t.Fatal(err)
			}
			m := &Moments{Variant: genomics.Variant{Chrom: "1", Pos: 7, ID: "rs7", Ref: "A", Alt: "C"}, Counts: counts, Trait: trait, Sums: sums(trait, row), Steps: 1}
			if err := rows.Write(m); err != nil {
				t.Fatal(err)
			}
			m.Sums[0].Missing += int64(len(row)) // more than there are
			if err := rows.Write(m); !errors.As(err, new(genomics.Contradiction)) {
				t.Errorf("%s: impossible moments: %v", table.Path, err)
			}
			if err := rows.Flush(); err != nil {
				t.Fatal(err)
			}
			if strings.Count(text.String(), "rs7") == 0 {
				t.Errorf("%s: no row", table.Path)
			}
			if said, attributes := rows.Summary(); said != "" && (!strings.Contains(said, table.Path) || len(attributes)%2 != 0) {
				t.Errorf("%s: %q, %q", table.Path, said, attributes)
			}
		}
	}
}

// TestModelsInQueries: what a query keeps of a trait's model is all that its test needs.
func TestModelsInQueries(t *testing.T) {
	s := newStudy(t, 200, 1, 2)
	row := make([]int, 200)
	for i := range row {
		row[i] = i % 3
	}
	for _, test := range All {
		parts, err := test.Traits(s.of(test, 1, false), s.Cohort, silent, silent)
		if err != nil {
			t.Fatal(err)
		}
		var texts [2]strings.Builder
		for k := range texts {
			trait := parts[0].Traits[0]
			moments := sums(&trait, row)
			if k == 1 { // from a query
				text, err := json.Marshal(trait.Model)
				if err != nil {
					t.Fatal(err)
				}
				trait = Trait{Name: trait.Name, Columns: slices.Clone(trait.Columns)}
				if err := json.Unmarshal(text, &trait.Model); err != nil {
					t.Fatal(err)
				}
				for i := range trait.Columns {
					trait.Columns[i].Values = nil
				}
			}
			tables, err := test.Tables([]Trait{trait}, Output{Format: "plink"})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := tables[0].Open(io.Writer(&texts[k]), 10)
			if err != nil {
				t.Fatal(err)
			}
			m := &Moments{Variant: genomics.Variant{Chrom: "1", Pos: 1, ID: "a", Ref: "A", Alt: "C"}, Counts: genomics.Counts{67, 67, 66, 0}, Trait: &trait, Sums: moments, Steps: 1}
			if err := errors.Join(rows.Write(m), rows.Flush()); err != nil {
				t.Fatal(err)
			}
		}
		if texts[0].String() != texts[1].String() {
			t.Errorf("%s:\n%s%s", test.Name, texts[0].String(), texts[1].String())
		}
	}
}
