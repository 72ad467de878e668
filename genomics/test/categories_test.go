package test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// write replaces the study's covariates by columns that line gives for each sample.
func (s *study) write(t *testing.T, header string, line func(i int) string) {
	t.Helper()
	text := "#IID " + header + "\n"
	for i, id := range s.Samples[1:] {
		text += id + " " + line(i) + "\n"
	}
	if err := os.WriteFile(s.Covar, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestCategories: columns of text give the columns that 0 and 1 give, and the log says
// what became of them, once for each trait.
func TestCategories(t *testing.T) {
	s := newStudy(t, 200, 2, 1)
	sites := []string{"York", "Bath", "Leeds", "Bath"}
	for _, test := range All {
		if !test.Covariates {
			continue
		}
		in := s.of(test, 2, false)
		var said []string
		columns := func() []Part {
			said = nil
			parts, err := test.Traits(in, s.Cohort, func(text string, _ ...any) { said = append(said, text) }, silent)
			if err != nil {
				t.Fatal(err)
			}
			return parts
		}
		s.write(t, "SITE AGE ONE", func(i int) string { return fmt.Sprintf("%s %d all", sites[i%4], i*i%31) })
		got := columns()
		for _, want := range []string{
			in.Traits[0] + ": SITE is categorical: Bath (99 samples, reference), SITE=Leeds (50), SITE=York (50)",
			in.Traits[1] + ": SITE is categorical: Bath (99 samples, reference), SITE=Leeds (50), SITE=York (50)",
		} {
			if n := len(slices.DeleteFunc(slices.Clone(said), func(text string) bool { return text != want })); n != 1 {
				t.Errorf("%s: said %d times: %q; said %q", test.Name, n, want, said)
			}
		}
		if want := fmt.Sprintf("%s, column %q: %q is the only category of the cohort's samples; it is not taken as a covariate", s.Covar, "ONE", "all"); !slices.Contains(said, want) {
			t.Errorf("%s: said %q", test.Name, said)
		}
		s.write(t, "LEEDS YORK AGE", func(i int) string {
			line := map[string]string{"York": "0 1", "Leeds": "1 0", "Bath": "0 0"}[sites[i%4]]
			return fmt.Sprintf("%s %d", line, i*i%31)
		})
		want := columns()
		for k := range want[0].Traits {
			if !equalColumns(got[0].Traits[k], want[0].Traits[k]) {
				t.Errorf("%s, trait %d: other columns from text than from numbers", test.Name, k+1)
			}
		}
	}
}

// TestCategoriesOfChromosomes: the log does not repeat itself for every chromosome.
func TestCategoriesOfChromosomes(t *testing.T) {
	s := newStudy(t, 200, 1, 1)
	s.write(t, "SEX", func(i int) string { return []string{"M", "F", "F"}[i%3] })
	in := s.of(linear, 1, false)
	in.Offset = s.Offset
	said := 0
	if _, err := linear.Traits(in, s.Cohort, func(text string, _ ...any) {
		if text == "Q1: SEX is categorical: F (132 samples, reference), SEX=M (67)" {
			said++
		}
	}, silent); err != nil || said != 1 {
		t.Errorf("said %d times, %v", said, err)
	}
}

// TestNoCategories refuses columns of names, and counts who is alone in a category.
func TestNoCategories(t *testing.T) {
	s := newStudy(t, 600, 1, 1)
	for _, c := range []struct {
		name string
		line func(i int) string
		want string // of an error, or else of the log
	}{
		{"names", func(i int) string { return fmt.Sprint("X", i) }, `column "C": 599 different texts for 599 samples of the cohort, for example "X0"; these are no categories, of which a covariate has at most 256, most of them shared by samples; if you do not want the column, name those to take with --covar-name`},
		{"mostly names", func(i int) string {
			if i%2 == 0 {
				return fmt.Sprint("X", i)
			}
			return "A"
		}, `column "C": 301 different texts for 599 samples`},
		{"too many", func(i int) string { return fmt.Sprint("X", i%257) }, `column "C": 257 different texts for 599 samples`},
		{"many", func(i int) string { return fmt.Sprint("X", i%256) }, ""},
		{"some alone", func(i int) string {
			if i < 9 {
				return fmt.Sprint("X", i)
			}
			return []string{"A", "B"}[i%2]
		}, "Q1: C is categorical: A (295 samples, reference), C=B (295); 9 samples left out, alone in a category: X0, X1, X2, X3, X4, X5, X6, X7, X8"},
		{"one and one alone", func(i int) string {
			if i == 9 {
				return "X"
			}
			return "A"
		}, "Q1: C has no two categories among the samples analysed and is no covariate here; 1 sample left out, alone in a category: X"},
	} {
		s.write(t, "C", c.line)
		var said []string
		_, err := linear.Traits(s.of(linear, 1, false), s.Cohort, func(text string, _ ...any) { said = append(said, text) }, silent)
		switch refused := strings.HasPrefix(c.want, "column"); {
		case refused && (err == nil || !strings.HasPrefix(err.Error(), s.Covar+", "+c.want)):
			t.Errorf("%s: error %v", c.name, err)
		case !refused && (err != nil || c.want != "" && !slices.Contains(said, c.want)):
			t.Errorf("%s: %v, %q", c.name, err, said)
		}
	}
}

// TestOnlyCategory: who lacks a covariate that is not taken is not left out.
func TestOnlyCategory(t *testing.T) {
	s := newStudy(t, 100, 1, 1)
	for text, why := range map[string]string{"tall": `"tall" is the only category of the cohort's samples`, "NONE": "no sample of the cohort has a category"} {
		s.write(t, "SIZE", func(i int) string {
			if i == 0 {
				return text
			}
			return "NONE"
		})
		var said []string
		_, err := linear.Traits(s.of(linear, 1, false), s.Cohort, func(text string, _ ...any) { said = append(said, text) }, silent)
		all := strings.Join(said, "\n")
		if err != nil || !strings.Contains(all, why+"; it is not taken as a covariate") || strings.Contains(all, "they are left out") ||
			!strings.Contains(all, "null model of 99 samples with 0 covariates") {
			t.Errorf("%s: %v, %s", text, err, all)
		}
	}
}
