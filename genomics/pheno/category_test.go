package pheno

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What PLINK 2.00a3.5 takes as a category, as a number, and in which order it writes the
// dummies.
func TestCovariate(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name   string
		fields []string
		values []float64
		levels []string // nil for numbers
	}{
		{"numbers", []string{"1.5", "NA", "-9", "0"}, []float64{1.5, nan, nan, 0}, nil},
		{"texts", []string{"M", "F", "F", "NONE"}, []float64{1, 0, 0, nan}, []string{"F", "M"}},
		{"missing is in capitals", []string{"none", "None", "NONE"}, []float64{1, 0, nan}, []string{"None", "none"}},
		{"points and signs", []string{".", "-", "+a", "-.x", "inf", "-Inf"}, []float64{4, 1, 0, 2, 5, 3}, []string{"+a", "-", "-.x", "-Inf", ".", "inf"}},
		{"numbers inside", []string{"b10", "B9", "a2", "b09", "C"}, []float64{3, 2, 0, 1, 4}, []string{"a2", "b09", "B9", "b10", "C"}},
		{"capitals count last", []string{"a1", "A1", "A01", "_", "z"}, []float64{2, 1, 0, 4, 3}, []string{"A01", "A1", "a1", "z", "_"}},
		{"other scripts", []string{"é", "Ω", "z"}, []float64{1, 2, 0}, []string{"z", "é", "Ω"}},
		{"one text", []string{"A=B", "A=B"}, []float64{0, 0}, []string{"A=B"}},
		{"missing only", []string{"NONE", "NONE"}, []float64{nan, nan}, []string{}},
	} {
		values, levels, err := table(t, c.fields...).Covariate("A", append(samples(len(c.fields)), "x"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		want := append(c.values, nan)
		if fmt.Sprint(values) != fmt.Sprint(want) || !slices.Equal(levels, c.levels) || (levels == nil) != (c.levels == nil) {
			t.Errorf("%s: %v %q, want %v %q", c.name, values, levels, want, c.levels)
		}
	}
	// Levels are those of the samples, whatever else the file has.
	if values, levels, err := table(t, "z", "y", "x").Covariate("A", []string{"s3", "s1"}); err != nil || fmt.Sprint(values, levels) != "[0 1] [x z]" {
		t.Errorf("%v %q, %v", values, levels, err)
	}
}

func TestCovariateErrors(t *testing.T) {
	mixed := "; a column has numbers, with NA where one is missing, or categories, none of which begins with a digit, with NONE where one is missing"
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"A1", "12", "A2"}, `p.txt, column "A": "A1" in line 2 is text, and "12" in line 3 begins as a number does` + mixed},
		{[]string{"12", "NA", "."}, `p.txt, column "A": "." in line 4 is text, and "12" in line 2 begins as a number does` + mixed},
		{[]string{"A", "1A"}, `p.txt, column "A": "A" in line 2 is text, and "1A" in line 3 begins as a number does` + mixed},
		{[]string{"1A", "2B"}, `p.txt, line 2, column "A": "1A" is not a number; write NA where the value is missing`},
		{[]string{"5", "1e400"}, `p.txt, line 3, column "A": "1e400" is not a number`},
		{[]string{"M", "NA", "F"}, `p.txt, column "A": "M" in line 2 is text, and "NA" in line 3 is not the name of a category; write NONE where a category is missing`},
		{[]string{"nan", "F"}, `p.txt, column "A": "F" in line 3 is text, and "nan" in line 2 is not the name of a category; write NONE`},
		{[]string{"F", "-9"}, `p.txt, column "A": "F" in line 2 is text, and "-9" in line 3 is not the name of a category; write NONE`},
		{[]string{"NA", "NA"}, `p.txt, column "A": the value of every sample of the cohort is missing`},
	} {
		_, _, err := table(t, c.fields...).Covariate("A", samples(len(c.fields)))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.fields, err, c.want)
		}
	}
	if _, _, err := table(t, "M").Covariate("B", samples(1)); err == nil || err.Error() != `p.txt has no column "B"; it has A` {
		t.Error(err)
	}
	if _, _, err := table(t, "M").Covariate("A", []string{"x"}); err == nil || !strings.HasPrefix(err.Error(), "p.txt: no overlap with the cohort") {
		t.Error(err)
	}
}

// Only covariates may be text.
func TestTraitOfText(t *testing.T) {
	want := `p.txt, line 2, column "A": "case" is not a number, and the whole column is text; only covariates of association tests may be text, so write numbers, such as 0 and 1 for two categories`
	text := table(t, "case", "control", "NONE")
	_, err := text.Quantitative("A", samples(3))
	_, _, also := text.CaseControl("A", samples(3))
	if err == nil || err.Error() != want || also == nil || also.Error() != want {
		t.Errorf("%v, %v", err, also)
	}
}

var asNumber = regexp.MustCompile(`^[+-]?\.?[0-9]`)

// covariateTwin returns what fields are as a covariate: numbers, texts, or neither.
func covariateTwin(fields []string) (numbers []float64, texts []string) {
	for _, field := range fields {
		if low := strings.ToLower(field); asNumber.MatchString(field) || low == "na" || low == "nan" {
			return quantitativeTwin(fields), nil
		}
	}
	return nil, fields
}

// compareCovariate compares a column with its twin.
func compareCovariate(t *testing.T, table *Table, name string, iids, fields []string) {
	t.Helper()
	values, levels, err := table.Covariate(name, iids)
	numbers, texts := covariateTwin(fields)
	switch {
	case err != nil && numbers == nil && texts == nil:
	case err != nil || (levels == nil) != (texts == nil):
		t.Fatalf("column %q: %v %q, error %v; twin %v %q", name, values, levels, err, numbers, texts)
	case levels == nil && fmt.Sprint(values) != fmt.Sprint(numbers):
		t.Fatalf("column %q: %v, twin %v", name, values, numbers)
	case levels != nil:
		seen := map[string]bool{}
		for i, field := range texts {
			if missing := math.IsNaN(values[i]); missing != (field == "NONE") || !missing && levels[int(values[i])] != field {
				t.Fatalf("column %q, row %d: %v of %q, twin %q", name, i, values[i], levels, field)
			}
			if field != "NONE" {
				seen[field] = true
			}
		}
		if len(seen) != len(levels) || !slices.IsSortedFunc(levels, compareLevels) {
			t.Fatalf("column %q: %d levels, %q", name, len(seen), levels)
		}
	}
}
