package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRangesOfColumns: a range has both ends, in the order of the columns.
func TestRangesOfColumns(t *testing.T) {
	columns := []string{"AGE", "PC1", "PC-2", "PC3", "A", "B", "A-B"}
	for given, want := range map[string]string{
		"AGE,PC1-PC3": "AGE PC1 PC-2 PC3", "PC-2-PC3": "PC-2 PC3", "A-B": "A-B", "A-B,A": "A-B A",
		"PC3-PC1": "PC3-PC1", "PC1-PC9": "PC1-PC9", "PC1-PC1": "PC1-PC1", "": "",
	} {
		if got := strings.Join(withRanges(strings.Split(given, ","), columns), " "); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
	}
}

// TestOffsets: tests that take an offset make a part for every chromosome, the others are
// not asked to.
func TestOffsets(t *testing.T) {
	s := newStudy(t, 200, 1, 1)
	fitted := map[string]string{"logistic": "converged after ", "linear": "residual sum of squares "}
	for _, test := range All {
		if !test.Covariates {
			continue
		}
		in := s.of(test, 1, false)
		in.Offset = s.Offset
		var said []string
		parts, err := test.Traits(in, s.Cohort, func(text string, _ ...any) { said = append(said, text) }, silent)
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) != 2 || parts[0].Name != "1" || parts[1].Name != "chrX" ||
			equalColumns(parts[0].Traits[0], parts[1].Traits[0]) {
			t.Errorf("%s: %d parts", test.Name, len(parts))
		}
		for _, want := range []string{"0.00 % of genotypes are missing; they are counted as the mean", ", chromosome 1: " + test.Name + " null model of 199 samples with 1 covariate, " + fitted[test.Name], ", chromosome chrX: "} {
			if !slices.ContainsFunc(said, func(text string) bool { return strings.Contains(text, want) }) {
				t.Errorf("%s: %q is not said, but %q", test.Name, want, said)
			}
		}
		in.Offset = s.Path
		if _, err := test.Traits(in, s.Cohort, silent, silent); err == nil || !strings.Contains(err.Error(), "FID_IID") {
			t.Errorf("%s: predictions from a table of phenotypes: %v", test.Name, err)
		}
	}
}

// TestNoPrediction: chromosomes without a prediction are all named before any null model is
// fitted.
func TestNoPrediction(t *testing.T) {
	s := newStudy(t, 200, 1, 1)
	s.Cohort.Chromosomes = []Chromosome{{Name: "1"}, {Name: "2"}, {Name: "chrX"}, {Name: "MT"}}
	for _, test := range All {
		if !test.Covariates {
			continue
		}
		in := s.of(test, 1, false)
		in.Offset = s.Offset
		_, err := test.Traits(in, s.Cohort, func(text string, _ ...any) {
			if strings.Contains(text, "null model") {
				t.Errorf("%s: %s", test.Name, text)
			}
		}, silent)
		if want := s.Offset + " has no prediction for the chromosomes 2, MT; leave them out, or run REGENIE's step 1 with them"; err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", test.Name, err, want)
		}
	}
}

func equalColumns(a, b Trait) bool {
	return slices.EqualFunc(a.Columns, b.Columns, func(a, b Column) bool { return slices.Equal(a.Values, b.Values) })
}

// TestDosagesAreNoCalls: a test that counts genotypes refuses a cohort of dosages.
func TestDosagesAreNoCalls(t *testing.T) {
	s := newStudy(t, 100, 1, 0)
	s.Calls = false
	for _, test := range All {
		_, err := test.Traits(s.of(test, 1, false), s.Cohort, silent, silent)
		want := fmt.Sprintf("--test %s counts genotypes, and this cohort has dosages; use --test %s", test.Name, test.Instead)
		if test.Calls != (err != nil) || err != nil && err.Error() != want {
			t.Errorf("%s: %v", test.Name, err)
		}
	}
}
