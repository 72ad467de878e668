package pheno

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics/shareddata"
)

var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// quantitativeTwin returns the values of fields, nil where they are no
// quantitative column.
func quantitativeTwin(fields []string) []float64 {
	var out []float64
	known := false
	for _, s := range fields {
		v := math.NaN()
		if low := strings.ToLower(s); low != "na" && low != "nan" {
			n, err := strconv.ParseFloat(s, 64)
			if !decimal.MatchString(s) || err != nil {
				return nil
			}
			if n != -9 {
				v, known = n, true
			}
		}
		out = append(out, v)
	}
	if !known {
		return nil
	}
	return out
}

// caseControlTwin returns the statuses of fields, nil where they are no
// case/control column.
func caseControlTwin(fields []string) []Status {
	values := quantitativeTwin(fields)
	codes := map[float64]Status{1: Control, 2: Case}
	if !slices.Contains(values, 2) && slices.Contains(values, 0) && slices.Contains(values, 1) {
		codes = map[float64]Status{0: Control, 1: Case}
	}
	var out []Status
	for _, v := range values {
		if !math.IsNaN(v) && v != 0 && v != 1 && v != 2 {
			return nil
		}
		out = append(out, codes[v])
	}
	if !slices.Contains(out, Case) || !slices.Contains(out, Control) {
		return nil
	}
	return out
}

// table makes a table of one column A with the samples s1, s2 and so on.
func table(t *testing.T, fields ...string) *Table {
	t.Helper()
	text := "#IID\tA\n"
	for i, field := range fields {
		text += fmt.Sprintf("s%d\t%s\n", i+1, field)
	}
	out, err := parse(linesOf("p.txt", text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func samples(n int) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("s%d", i+1))
	}
	return out
}

func TestCaseControl(t *testing.T) {
	const a, n, y = Absent, Control, Case
	for _, c := range []struct {
		name    string
		fields  []string
		want    []Status
		zeroOne bool
	}{
		{"1 and 2", []string{"1", "2", "1"}, []Status{n, y, n}, false},
		{"0 missing", []string{"1", "2", "0"}, []Status{n, y, a}, false},
		{"-9 missing", []string{"1", "2", "-9", "-9.0"}, []Status{n, y, a, a}, false},
		{"NA missing", []string{"1", "2", "NA", "na", "NaN", "nan"}, []Status{n, y, a, a, a, a}, false},
		{"0 and 1", []string{"0", "1", "1"}, []Status{n, y, y}, true},
		{"0, 1 and missing", []string{"0", "1", "NA", "-9"}, []Status{n, y, a, a}, true},
		{"as decimals", []string{"1.0", "2.00", "0e0"}, []Status{n, y, a}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, sum, err := table(t, c.fields...).CaseControl("A", samples(len(c.fields)))
			if err != nil {
				t.Fatal(err)
			}
			var count [3]int
			for _, s := range c.want {
				count[s]++
			}
			if want := (Summary{count[y], count[n], count[a], 0, c.zeroOne}); !slices.Equal(got, c.want) || sum != want {
				t.Errorf("got %v %+v, want %v %+v", got, sum, c.want, want)
			}
		})
	}
}

// The coding follows from the whole file, whichever samples are in the cohort.
func TestCaseControlCohort(t *testing.T) {
	got, sum, err := table(t, "0", "1", "1", "2", "2", "NA").CaseControl("A", []string{"x", "s4", "s1", "s2", "y", "s6"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Status{Absent, Case, Absent, Control, Absent, Absent}
	if wantSum := (Summary{Cases: 1, Controls: 1, Absent: 4, Unused: 2}); !slices.Equal(got, want) || sum != wantSum {
		t.Errorf("got %v %+v, want %v %+v", got, sum, want, wantSum)
	}
}

func TestCaseControlErrors(t *testing.T) {
	cohort := samples(3)
	for _, c := range []struct {
		name    string
		fields  []string
		samples []string
		want    string
	}{
		{"controls only", []string{"1", "1", "NA"}, cohort, `p.txt, column "A": only controls`},
		{"cases only", []string{"2", "2", "NA"}, cohort, `p.txt, column "A": only cases`},
		{"cases and zeros", []string{"2", "0", "2"}, cohort, `p.txt, column "A": only cases`},
		{"zeros only", []string{"0", "0", "0"}, cohort, `p.txt, column "A": neither cases nor controls`},
		{"all missing", []string{"NA", "-9", "nan"}, cohort, `p.txt, column "A": missing values only`},
		{"three", []string{"1", "2", "3"}, cohort, `p.txt, line 4, column "A": "3" is not a case/control code`},
		{"fraction", []string{"1", "0.5", "2"}, cohort, `p.txt, line 3, column "A": "0.5" is not a case/control code`},
		{"text", []string{"1", "case", "2"}, cohort, `p.txt, line 3, column "A": "case" is not a number`},
		{"point", []string{"1", ".", "2"}, cohort, `p.txt, line 3, column "A": "." is not a number`},
		{"no overlap", []string{"1", "2"}, []string{"x1", "x2", "x3"},
			`p.txt: no overlap with the cohort: none of the 2 samples of the file is among the 3 of the cohort; the file has for example "s1", the cohort "x1"`},
		{"no cohort", []string{"1", "2"}, nil, "the cohort has no samples"},
		{"no cases left", []string{"1", "2"}, []string{"s1", "x"}, `p.txt, column "A": the samples of the cohort include 0 cases and 1 controls`},
		{"no controls left", []string{"1", "2"}, []string{"s2", "x"}, `p.txt, column "A": the samples of the cohort include 1 cases and 0 controls`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := table(t, c.fields...).CaseControl("A", c.samples)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got error %v, want %q", err, c.want)
			}
		})
	}
}

func TestQuantitative(t *testing.T) {
	got, err := table(t, "1.5", "-9", "NA", "0", "-9.5", "1e3", "+.5", "7.").Quantitative("A", append(samples(8), "x"))
	if err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	want := []float64{1.5, nan, nan, 0, -9.5, 1000, 0.5, 7, nan}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestQuantitativeErrors(t *testing.T) {
	_, err := table(t, "1.5", "51,5").Quantitative("A", samples(2))
	if want := `p.txt, line 3, column "A": "51,5" is not a number; write a decimal point in place of the comma`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %q", err, want)
	}
	for _, text := range []string{"x", ".", "inf", "-Inf", "infinity", "-nan", "1e", "1e400", "0x10", "1_0", "1,5", "1.2.3", "-", "--1", "1e+"} {
		_, err := table(t, "1.5", text).Quantitative("A", samples(2))
		if want := fmt.Sprintf("p.txt, line 3, column %q: %q is not a number", "A", text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got error %v, want %q", text, err, want)
		}
	}
	for _, c := range []struct {
		column  string
		samples []string
		want    string
	}{
		{"B", samples(2), "p.txt has no column \"B\"; it has A"},
		{"IID", samples(2), "p.txt has no column \"IID\"; it has A"},
		{"A", []string{"x"}, "p.txt: no overlap with the cohort"},
		{"A", []string{"s2", "x"}, `p.txt, column "A": the value of every sample of the cohort is missing`},
	} {
		_, err := table(t, "1.5", "NA").Quantitative(c.column, c.samples)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}

func TestHapMap(t *testing.T) {
	dir := shareddata.Dir(t, "hapmap3")
	read := func(name string) *Table {
		out, err := Read(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	traits, covariates := read("pheno.txt"), read("covar.txt")
	raw, err := fs.ReadFile(os.DirFS(dir), "pheno.txt")
	if err != nil {
		t.Fatal(err)
	}
	var iids, cases, quantities []string
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n")[1:] {
		fields := strings.Fields(line)
		iids, cases, quantities = append(iids, fields[0]), append(cases, fields[1]), append(quantities, fields[2])
	}
	if len(iids) != 957 {
		t.Fatalf("%d samples", len(iids))
	}
	compareValues(t, traits, "CASE", iids, cases)
	compareValues(t, traits, "QT", iids, quantities)
	if got := strings.Join(covariates.Columns(), " "); got != "MALE AGE PC1 PC2 PC3 PC4" {
		t.Errorf("covariates %s", got)
	}
	for _, name := range covariates.Columns() {
		values, err := covariates.Quantitative(name, iids)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(values, math.IsNaN) {
			t.Errorf("covariate %s has missing values", name)
		}
	}
}

// A decimal comma is named for what it is, also where the whole column has them.
func TestDecimalComma(t *testing.T) {
	table, err := parse(linesOf("p.txt", "#IID QT\ns1 0.1\ns2 -0,09\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Quantitative("QT", []string{"s1", "s2"})
	if want := `p.txt, line 3, column "QT": "-0,09" is not a number; write a decimal point in place of the comma`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
