package test

import (
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/glm"
)

// TestNames: a name is a word that finds its test, and no other.
func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, test := range All {
		if seen[test.Name] || test.Name == "" || test.Name == "score" || strings.ContainsAny(test.Name, " \t/") {
			t.Errorf("a test is named %q", test.Name)
		}
		seen[test.Name] = true
		if Find(test.Name) != test {
			t.Errorf("%s finds another test", test.Name)
		}
	}
	if Find("") != nil || Find("anova") != nil {
		t.Error("a name without a test finds one")
	}
}

// TestEveryTestIsWhole: what users are told to give or to take instead is there.
func TestEveryTestIsWhole(t *testing.T) {
	for _, test := range All {
		if test.About == "" || test.Results == "" || len(test.Options) == 0 {
			t.Errorf("%s lacks what the help says of it", test.Name)
		}
		if instead := Find(test.Instead); (!test.Covariates || test.Calls) && (instead == nil || !instead.Covariates || instead.Calls) {
			t.Errorf("in place of %s users are told to take %q", test.Name, test.Instead)
		}
	}
}

// TestCostIsWhatTraitsHave: every test makes as many columns as it says it costs.
func TestCostIsWhatTraitsHave(t *testing.T) {
	for _, test := range All {
		for _, d := range []Design{{0, 1, false}, {0, 1, true}, {3, 1, false}, {2, 4, true}} {
			s := newStudy(t, 400, d.Phenotypes, d.Covariates)
			in := s.of(test, d.Phenotypes, d.Models)
			d.Models = in.Models
			if in.Covar == "" {
				d.Covariates = 0
			}
			parts, err := test.Traits(in, s.Cohort, silent, silent)
			if err != nil {
				t.Fatal(err)
			}
			var got Cost
			var distinct [][]int32
			for _, trait := range parts[0].Traits {
				for _, c := range trait.Columns {
					if slices.ContainsFunc(distinct, func(values []int32) bool { return slices.Equal(values, c.Values) }) {
						continue
					}
					distinct = append(distinct, c.Values)
					if !c.Dosage {
						t.Errorf("%s, %+v: a column is summed against no dosages", test.Name, d)
					}
					got.Dosage++
					if c.Square {
						got.Square++
					}
				}
			}
			if len(parts) != 1 || got != test.Cost(d) {
				t.Errorf("%s, %+v: %+v in %d parts, its cost is %+v", test.Name, d, got, len(parts), test.Cost(d))
			}
		}
	}
}

// TestColumns: every test's columns have a value a sample, nothing beyond the bound of the
// encryption, and their own sum; and it knows them for its own.
func TestColumns(t *testing.T) {
	s := newStudy(t, 300, 2, 2)
	s.MissingRate = 0.01 // is corrected for
	for _, test := range All {
		parts, err := test.Traits(s.of(test, 2, true), s.Cohort, silent, silent)
		if err != nil {
			t.Fatal(err)
		}
		for _, trait := range parts[0].Traits {
			for i, c := range trait.Columns {
				sum := int64(0)
				for _, x := range c.Values {
					sum += int64(x)
					if x > glm.MaxValue || x < -glm.MaxValue {
						t.Fatalf("%s, column %d: %d", test.Name, i, x)
					}
				}
				if len(c.Values) != len(s.Samples) || sum != c.Sum || c.Values[0] != 0 {
					t.Errorf("%s, column %d: %d values, sum %d not %d, %d for a sample without a trait", test.Name, i, len(c.Values), c.Sum, sum, c.Values[0])
				}
			}
			if err := test.Check(trait.Name, trait.Model, len(trait.Columns)); err != nil {
				t.Errorf("%s: %v", test.Name, err)
			}
			for _, columns := range []int{0, len(trait.Columns) + 1} {
				if test.Check(trait.Name, trait.Model, columns) == nil {
					t.Errorf("%s: %d columns are taken for %d", test.Name, columns, len(trait.Columns))
				}
			}
		}
	}
}
