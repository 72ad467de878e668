package glm

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
)

const categoryData = "testdata/category"

// A categoryStudy is what testdata/category.* has.
type categoryStudy struct {
	status     []pheno.Status
	trait      []float64
	covariates []Covariate
}

func openCategories(t *testing.T) (s categoryStudy) {
	t.Helper()
	source, err := vcf.Open(categoryData+".vcf.gz", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	traits, err := pheno.Read(categoryData + ".pheno.txt")
	if err != nil {
		t.Fatal(err)
	}
	table, err := pheno.Read(categoryData + ".covar.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range table.Columns() {
		values, levels, err := table.Covariate(name, source.Samples())
		if err != nil {
			t.Fatal(err)
		}
		s.covariates = append(s.covariates, Covariate{Name: name, Values: values, Levels: levels})
	}
	if s.status, _, err = traits.CaseControl("CC", source.Samples()); err != nil {
		t.Fatal(err)
	}
	if s.trait, err = traits.Quantitative("QT", source.Samples()); err != nil {
		t.Fatal(err)
	}
	return s
}

// fit fits the null model of a kind.
func (s categoryStudy) fit(t *testing.T, kind Kind, covariates []Covariate) *Null {
	t.Helper()
	null, err := FitLinear(s.trait, covariates, nil)
	if kind == Logistic {
		null, err = FitLogistic(s.status, covariates, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return null
}

// TestCategoriesAgainstPLINK compares names of dummies, samples and statistics with what
// PLINK 2 made of the same text columns.
func TestCategoriesAgainstPLINK(t *testing.T) {
	s := openCategories(t)
	for _, c := range []struct {
		file string
		null *Null
	}{
		{categoryData + ".CC.glm.logistic", s.fit(t, Logistic, s.covariates)},
		{categoryData + ".QT.glm.linear", s.fit(t, Linear, s.covariates)},
	} {
		text, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		header := strings.Split(lines[0], "\t")
		id, test, samples := slices.Index(header, "ID"), slices.Index(header, "TEST"), slices.Index(header, "OBS_CT")
		names := []string{"the intercept"}
		var rows [][]string
		for _, line := range lines[1:] {
			switch fields := strings.Split(line, "\t"); {
			case fields[test] == "ADD":
				rows = append(rows, fields)
			case fields[id] == "rs1":
				names = append(names, fields[test])
			}
		}
		if !slices.Equal(c.null.x.names, names) || c.null.Covariates != len(names)-1 {
			t.Errorf("%s: %d covariates, %q, PLINK has %q", c.file, c.null.Covariates, c.null.x.names[1:], names[1:])
		}
		got := tableOf(t, categoryData+".vcf.gz", c.null.Model())[1:]
		if len(got) != len(rows) {
			t.Fatalf("%s: %d variants, PLINK has %d", c.file, len(got), len(rows))
		}
		var ours, theirs []float64
		for i, w := range rows {
			g := strings.Split(got[i], "\t")
			g = g[len(g)-6:] // OBS_CT, effect, SE, statistic, P, code
			if w = w[samples:]; g[0] != w[0] {
				t.Errorf("%s: %s samples, PLINK has %s", c.file, g[0], w[0])
			}
			// Of rare alleles, PLINK's Wald test and a score test differ.
			if w[5] != "." || c.null.Kind == Logistic && number(t, w[2]) > 0.3 {
				continue
			}
			ours, theirs = append(ours, number(t, g[3])), append(theirs, number(t, w[3]))
			if beta, se := number(t, w[1]), number(t, w[2]); c.null.Kind == Linear &&
				(math.Abs(number(t, g[1])-beta) > 2e-3*se || math.Abs(number(t, g[2])-se) > 1e-3*se) {
				t.Errorf("%s: %v\nPLINK %v", c.file, g, w)
			}
		}
		if r := correlation(ours, theirs); !(r > 0.9999) || len(ours) < 30 {
			t.Errorf("%s: r = 1 − %.2g of %d statistics", c.file, 1-r, len(ours))
		}
	}
}

// TestDummies fits the same models with columns of 0 and 1 made by hand: the models are
// equal to the last bit.
func TestDummies(t *testing.T) {
	s := openCategories(t)
	for _, kind := range []Kind{Logistic, Linear} {
		a := s.fit(t, kind, s.covariates)
		if len(a.Categories) != 4 {
			t.Errorf("%s: %d categorical covariates", kind, len(a.Categories))
		}
		b := s.fit(t, kind, byHand(s.covariates, a.Categories))
		if a.Samples != b.Samples || a.Deviance != b.Deviance || !slices.EqualFunc(a.basis, b.basis, slices.Equal) || !slices.Equal(a.residual, b.residual) {
			t.Errorf("%s: %d samples and deviance %v from text, %d and %v by hand", kind, a.Samples, a.Deviance, b.Samples, b.Deviance)
		}
	}
}

// byHand writes 0 and 1 for categories as a spreadsheet would have them, and NA for
// samples with other texts.
func byHand(covariates []Covariate, categories []Category) (out []Covariate) {
	for _, c := range covariates {
		k := slices.IndexFunc(categories, func(category Category) bool { return category.Name == c.Name })
		if k < 0 {
			out = append(out, c)
			continue
		}
		for j, level := range categories[k].Levels {
			if j == categories[k].Reference {
				continue
			}
			values := make([]float64, len(c.Values))
			for i, v := range c.Values {
				text := ""
				if !math.IsNaN(v) {
					text = c.Levels[int(v)]
				}
				switch {
				case text == level.Name:
					values[i] = 1
				case !slices.ContainsFunc(categories[k].Levels, func(l Level) bool { return l.Name == text }):
					values[i] = math.NaN()
				}
			}
			out = append(out, Covariate{Name: fmt.Sprint(c.Name, "_", j), Values: values})
		}
	}
	return out
}

// TestAnalysed are rules that PLINK 2 has for small categories, as it was seen to apply
// them.
func TestAnalysed(t *testing.T) {
	nan := math.NaN()
	number := func(v ...float64) Covariate { return Covariate{Name: "N", Values: v} }
	category := func(levels string, v ...float64) Covariate {
		return Covariate{Name: "C", Values: v, Levels: strings.Split(levels, "")}
	}
	for _, c := range []struct {
		name       string
		covariates []Covariate
		want       string // rows, dummies; categories
	}{
		{"numbers", []Covariate{number(1, nan, 3, 4, 5)}, "[0 2 3 4] [N]"},
		{"the most samples", []Covariate{category("ab", 0, 0, 1, 1, 1)}, "[0 1 2 3 4] [C=a]; a 2, b 3 (1) []"},
		{"a tie", []Covariate{category("ab", 1, 1, 0, 0, nan)}, "[0 1 2 3] [C=b]; a 2, b 2 (0) []"},
		{"alone", []Covariate{category("abc", 1, 0, 0, 2, 2)}, "[1 2 3 4] [C=c]; a 2, c 2 (0) [b]"},
		{"alone, then the other too", []Covariate{category("abc", 0, 0, 1, 2, 2), category("xy", 0, 1, 0, 1, 1)}, "[3 4] []; c 2 (0) [b a]; y 2 (0) [x]"},
		{"alone in what comes before", []Covariate{category("xy", 0, 1, 0, 1, 1), category("abc", 0, 0, 1, 2, 2)}, "[3 4] []; y 2 (0) [x]; c 2 (0) [b a]"},
		{"one level", []Covariate{category("a", 0, 0, nan, nan, 0)}, "[0 1 2 3 4] []; a 3 (0) []"},
		{"no level", []Covariate{category("", nan, nan, nan, nan, nan)}, "[0 1 2 3 4] []; (0) []"},
		{"a level of nobody", []Covariate{number(1, 2, nan, 4, 5), category("abc", 0, 0, 1, 2, 2)}, "[0 1 3 4] [N C=c]; a 2, c 2 (0) []"},
		{"all alone", []Covariate{category("abcde", 0, 1, 2, 3, 4)}, "[] []; (0) [a b c d e]"},
	} {
		rows, dummies, categories := analysed([]int{0, 1, 2, 3, 4}, c.covariates)
		names := []string{}
		for _, d := range dummies {
			names = append(names, d.Name)
		}
		got := fmt.Sprint(rows, names)
		for _, category := range categories {
			var levels []string
			for _, l := range category.Levels {
				levels = append(levels, fmt.Sprint(l.Name, " ", l.Samples))
			}
			got += strings.TrimRight("; "+strings.Join(levels, ", "), " ") + fmt.Sprintf(" (%d) %v", category.Reference, category.Alone)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
