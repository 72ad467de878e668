package test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/assoc"
	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
)

// allPloidies are chromosomes of every kind, X in two spellings.
var allPloidies = []Chromosome{{"1", genomics.Diploid}, {"X", genomics.XLinked}, {"PAR1", genomics.Diploid}, {"chrX", genomics.XLinked}, {"Y", genomics.YLinked}, {"MT", genomics.Mitochondrial}}

// newSexedStudy has chromosomes of every kind and random sexes, one in eight unknown.
func newSexedStudy(t *testing.T, samples, traits, covariates int) study {
	s := newStudy(t, samples, traits, covariates)
	s.Chromosomes = allPloidies
	r := rand.New(rand.NewPCG(11, 12))
	for range samples {
		s.Sexes = append(s.Sexes, []genomics.Sex{0, 1, 1, 1, 1, 2, 2, 2}[r.IntN(8)])
	}
	return s
}

// heard collects what is said and warned of.
type heard struct{ said, warned []string }

func (h *heard) traits(test *Test, in Phenotypes, c Cohort) ([]Part, error) {
	return test.Traits(in, c, func(text string, _ ...any) { h.said = append(h.said, text) }, func(text string, _ ...any) { h.warned = append(h.warned, text) })
}

func has(texts []string, part string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, part) })
}

// TestPlaces: all chromosomes of two copies have the same columns, each other one its own;
// with an offset every chromosome has.
func TestPlaces(t *testing.T) {
	s := newSexedStudy(t, 300, 1, 1)
	for _, c := range []struct {
		chromosomes []Chromosome
		want        string
	}{
		{allPloidies, " X/X chrX/X Y/Y MT/MT"},
		{allPloidies[1:2], "X/X"},
		{allPloidies[4:], "Y/Y MT/MT"},
		{[]Chromosome{{"X", ""}, {"Y", ""}}, ""}, // of an index that does not count copies
		{nil, ""},
	} {
		s.Chromosomes = c.chromosomes
		for _, test := range All {
			parts, err := test.Traits(s.of(test, 1, false), s.Cohort, silent, silent)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range parts {
				name := p.Name
				if p.Ploidy != genomics.Diploid {
					name += "/" + string(p.Ploidy)
				}
				got = append(got, name)
			}
			if strings.Join(got, " ") != c.want || len(parts) == 0 {
				t.Errorf("%s: %q, want %q", test.Name, got, c.want)
			}
		}
	}
	s.Chromosomes = []Chromosome{{"1", genomics.Diploid}, {"chrX", genomics.XLinked}}
	in := s.of(linear, 1, false)
	in.Offset = s.Offset
	parts, err := linear.Traits(in, s.Cohort, silent, silent)
	if err != nil || len(parts) != 2 || parts[1].Ploidy != genomics.XLinked || parts[0].Traits[0].Model.Covariates != 1 || parts[1].Traits[0].Model.Covariates != 2 {
		t.Errorf("%v, %+v", err, parts)
	}
}

// TestCostIsThatOfAutosomes: other chromosomes do not change the columns of those that most
// of a genome has.
func TestCostIsThatOfAutosomes(t *testing.T) {
	s := newSexedStudy(t, 400, 2, 3)
	for _, test := range All {
		in := s.of(test, 2, true)
		with, err := test.Traits(in, s.Cohort, silent, silent)
		if err != nil {
			t.Fatal(err)
		}
		alone := s.Cohort
		alone.Chromosomes, alone.Sexes = nil, nil
		without, err := test.Traits(in, alone, silent, silent)
		if err != nil {
			t.Fatal(err)
		}
		for i, trait := range with[0].Traits {
			if !equalColumns(trait, without[0].Traits[i]) {
				t.Errorf("%s, %s: other columns because of X, Y and MT", test.Name, trait.Name)
			}
		}
		for _, p := range with {
			for _, trait := range p.Traits {
				if err := test.Check(trait.Name, trait.Model, len(trait.Columns)); err != nil {
					t.Errorf("%s, %s: %v", test.Name, p.Name, err)
				}
				for _, c := range trait.Columns {
					if slices.Max(c.Values) > glm.MaxValue || slices.Min(c.Values) < -glm.MaxValue {
						t.Errorf("%s, %s: a value is beyond the bound", test.Name, p.Name)
					}
				}
			}
		}
	}
}

// TestChi2OfCopies compares the tables with counts of the alleles and genotypes of samples,
// one by one.
func TestChi2OfCopies(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for round := range 400 {
		n := 1 + r.IntN(80)
		ploidy := []genomics.Ploidy{genomics.Diploid, genomics.XLinked, genomics.YLinked, genomics.Mitochondrial}[round%4]
		status, row := make([]pheno.Status, n), make([]int, n)
		sexes := make([]genomics.Sex, n)
		for i := range n {
			status[i], row[i], sexes[i] = pheno.Status(r.IntN(3)), r.IntN(4), genomics.Sex(r.IntN(3))
			if round%3 == 0 && status[i] == pheno.Absent {
				status[i] = pheno.Control // everybody is analysed
			}
		}
		given := sexes
		if round%7 == 0 {
			given, sexes = nil, make([]genomics.Sex, n)
		}
		var all, males, diploid genomics.Counts
		var whole assoc.Alleles
		var alleles assoc.AlleleTable
		var genotypes assoc.Table
		for i := range n {
			copies := ploidy.Copies(sexes[i])
			if copies == 1 && row[i] == int(genomics.Het) {
				row[i] = int(genomics.Missing) // as filters make them
			}
			g := row[i]
			all[g]++
			if sexes[i] == genomics.Male {
				males[g]++
			}
			var a assoc.Alleles
			if g != int(genomics.Missing) {
				a = assoc.Alleles{Ref: copies * (2 - g) / 2, Alt: copies * g / 2}
			}
			if copies == 2 {
				diploid[g]++
			}
			whole = whole.Plus(a)
			switch status[i] {
			case pheno.Case:
				alleles.Cases = alleles.Cases.Plus(a)
				if copies == 2 {
					genotypes.Cases[g]++
				}
			case pheno.Control:
				alleles.Controls = alleles.Controls.Plus(a)
				if copies == 2 {
					genotypes.Controls[g]++
				}
			}
		}
		for _, models := range []bool{false, true} {
			trait := chi2Trait("T", status, models, ploidy, given)
			columns := 2
			if models && ploidy == genomics.XLinked {
				columns = 4
			}
			// The owner knows all counts where everybody is analysed, except those by sex.
			if !ploidy.BySex() && !slices.Contains(status, pheno.Absent) {
				columns = 1
			}
			if len(trait.Columns) != columns {
				t.Fatalf("%s, models %v: %d columns", ploidy, models, len(trait.Columns))
			}
			m := &Moments{Ploidy: ploidy, Counts: all, Males: males, Trait: &trait, Sums: sums(&trait, row), Steps: 1}
			if m.whole() != whole {
				t.Fatalf("%s: %+v alleles, counted %+v", ploidy, m.whole(), whole)
			}
			if got, err := m.alleleTable(); err != nil || got != alleles {
				t.Fatalf("%s, models %v: %+v, %v, counted %+v", ploidy, models, got, err, alleles)
			}
			if !models || ploidy == genomics.YLinked || ploidy == genomics.Mitochondrial {
				continue
			}
			if got := m.genotypeTable(); got != genotypes || m.diploid() != diploid {
				t.Fatalf("%s: genotypes %+v of %+v, counted %+v of %+v", ploidy, got, m.diploid(), genotypes, diploid)
			}
		}
	}
}

// TestOddSums: half an allele of one copy is refused, and so are more alleles than the
// cohort has.
func TestOddSums(t *testing.T) {
	for _, ploidy := range []genomics.Ploidy{genomics.XLinked, genomics.YLinked, genomics.Mitochondrial} {
		for what, change := range map[string]func(m *Moments){
			"as they are":          func(*Moments) {},
			"half an allele":       func(m *Moments) { m.Sums[0].Dosage++ },
			"half, of all":         func(m *Moments) { m.Sums[1].Dosage-- },
			"more than there are":  func(m *Moments) { m.Sums[0].Dosage += 100 },
			"more than all have":   func(m *Moments) { m.Sums[1].Dosage += 100 },
			"fewer than nothing":   func(m *Moments) { m.Sums[0].Dosage -= 100 },
			"more missing than is": func(m *Moments) { m.Sums[0].Missing += 100 },
		} {
			status := []pheno.Status{pheno.Case, pheno.Case, pheno.Control, pheno.Absent}
			sexes := []genomics.Sex{genomics.Male, genomics.Female, genomics.Male, genomics.Male}
			trait := chi2Trait("T", status, false, ploidy, sexes)
			m := &Moments{Variant: genomics.Variant{Chrom: "X", ID: "v", Ref: "A", Alt: "C"}, Ploidy: ploidy, Counts: genomics.Counts{2, 0, 2, 0}, Males: genomics.Counts{1, 0, 2, 0}, Trait: &trait,
				Sums: sums(&trait, []int{2, 0, 0, 2}), Steps: 1}
			change(m)
			a, err := assoc.NewAssocWriter(new(strings.Builder), 10, 0)
			if err != nil {
				t.Fatal(err)
			}
			err = alleleRows{a}.Write(m)
			if want := what != "as they are"; errors.As(err, new(genomics.Contradiction)) != want {
				t.Errorf("%s, %s: %v", ploidy, what, err)
			}
		}
	}
}

// TestModelsNeedTwoCopies: there are no genotypes to test where nobody has two copies.
func TestModelsNeedTwoCopies(t *testing.T) {
	s := newSexedStudy(t, 100, 1, 0)
	for i, chromosome := range allPloidies {
		s.Chromosomes = []Chromosome{chromosome}
		parts, err := chi2.Traits(s.of(chi2, 1, true), s.Cohort, silent, silent)
		if i < 4 && err != nil || i >= 4 && (err == nil || err.Error() != "--model tests genotypes of two alleles, and this cohort has none: it has Y or mitochondria alone") {
			t.Errorf("%s: %v", chromosome.Name, err)
		}
		if _, err := chi2.Traits(s.of(chi2, 1, false), s.Cohort, silent, silent); err != nil {
			t.Errorf("%s, alleles alone: %v", chromosome.Name, err)
		}
		if err == nil && len(parts[0].Traits[0].Columns) != map[genomics.Ploidy]int{genomics.Diploid: 2, genomics.XLinked: 4}[chromosome.Ploidy] {
			t.Errorf("%s: %d columns", chromosome.Name, len(parts[0].Traits[0].Columns))
		}
	}
}

// TestModelTableWithoutHaploid: variants of Y and MT have no row in the table of models, and
// that is said.
func TestModelTableWithoutHaploid(t *testing.T) {
	var text strings.Builder
	w, err := assoc.NewModelWriter(&text, 10)
	if err != nil {
		t.Fatal(err)
	}
	rows := &genotypeRows{ModelWriter: w, path: "out.model"}
	status, sexes := []pheno.Status{pheno.Case, pheno.Case, pheno.Control, pheno.Control}, []genomics.Sex{2, 2, 2, 2}
	for _, ploidy := range []genomics.Ploidy{genomics.XLinked, genomics.YLinked, genomics.Mitochondrial, genomics.Mitochondrial} {
		trait := chi2Trait("T", status, true, ploidy, sexes)
		m := &Moments{Variant: genomics.Variant{Chrom: string(ploidy), ID: "v" + string(ploidy), Ref: "A", Alt: "C"}, Ploidy: ploidy, Counts: genomics.Counts{2, 0, 2, 0}, Trait: &trait, Sums: sums(&trait, []int{2, 0, 0, 2}), Steps: 1}
		if err := rows.Write(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Flush(); err != nil {
		t.Fatal(err)
	}
	if strings.Count(text.String(), "vX") != 5 || strings.Contains(text.String(), "vY") || strings.Contains(text.String(), "vMT") {
		t.Error(text.String())
	}
	if said, _ := rows.Summary(); said != "out.model: 3 variants of Y and mitochondria left out, which have no genotypes of two alleles" {
		t.Error(said)
	}
}

// addSexColumn gives the table of covariates a column SEX.
func (s study) addSexColumn(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(s.Covar)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines[0] += " SEX"
	for i := range lines[1:] { // the first sample has no line
		lines[i+1] += fmt.Sprint(" ", []string{"NA", "1", "2"}[s.Sexes[i+1]])
	}
	if err := os.WriteFile(s.Covar, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestSexIsACovariate on X, where there are both, unless the table has it.
func TestSexIsACovariate(t *testing.T) {
	for _, test := range []*Test{logistic, linear} {
		for _, c := range []struct {
			name                  string
			sexes                 func(i int, s genomics.Sex) genomics.Sex
			inTable               bool
			autosomes, x, y, mito int    // covariates of the null model
			said                  string // or empty
		}{
			{"both", nil, false, 1, 2, 1, 1, ""},
			{"both, and the table has it", nil, true, 2, 2, 1, 2, ", chromosome Y: without covariate SEX, which is constant among these samples or follows from the others"},
			{"males alone", func(int, genomics.Sex) genomics.Sex { return genomics.Male }, false, 1, 1, 1, 1, ""},
			{"males and unknown", func(_ int, s genomics.Sex) genomics.Sex { return s % 2 }, false, 1, 1, 1, 1, ""},
			{"one female, who has no phenotype", func(i int, _ genomics.Sex) genomics.Sex {
				if i == 0 {
					return genomics.Female
				}
				return genomics.Male
			}, false, 1, 1, 1, 1, ""},
		} {
			s := newSexedStudy(t, 400, 1, 1)
			if c.sexes != nil {
				for i := range s.Sexes {
					s.Sexes[i] = c.sexes(i, s.Sexes[i])
				}
			}
			if c.inTable {
				s.addSexColumn(t)
			}
			var h heard
			parts, err := h.traits(test, s.of(test, 1, false), s.Cohort)
			if err != nil {
				t.Fatal(err)
			}
			if m := parts[1].Traits[0].Model; c.sexes != nil && m.Samples != 399 {
				t.Errorf("%s, %s: %d samples on X, where nobody need be left out", test.Name, c.name, m.Samples)
			}
			for i, want := range []int{c.autosomes, c.x, c.x, c.y, c.mito} {
				m := parts[i].Traits[0].Model
				if m.Covariates != want || m.Haploid != (i >= 3) {
					t.Errorf("%s, %s: chromosome %q has %d covariates, haploid %v", test.Name, c.name, parts[i].Name, m.Covariates, m.Haploid)
				}
			}
			if c.said != "" && !has(h.said, c.said) || c.said == "" && has(h.said, "without covariate") || has(h.said, "covariate "+sexName) || len(h.warned) > 0 {
				t.Errorf("%s, %s: said %q, warned of %q", test.Name, c.name, h.said, h.warned)
			}
		}
	}
}

// TestColumnsOfSexes: the columns on X, Y and MT are those of null models fitted to the
// samples there with the covariates there.
func TestColumnsOfSexes(t *testing.T) {
	s := newSexedStudy(t, 300, 1, 1)
	parts, err := linear.Traits(s.of(linear, 1, false), s.Cohort, silent, silent)
	if err != nil {
		t.Fatal(err)
	}
	column := func(path, name string) []float64 {
		table, err := pheno.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		values, err := table.Quantitative(name, s.Samples)
		if err != nil {
			t.Fatal(err)
		}
		return values
	}
	trait, c1 := column(s.Path, "Q1"), column(s.Covar, "C1")
	ofX, ofY, sex := slices.Clone(trait), slices.Clone(trait), make([]float64, len(trait))
	males, known := 0, 0
	for i, of := range s.Sexes {
		sex[i] = map[genomics.Sex]float64{genomics.Female: 1}[of]
		if of == genomics.UnknownSex {
			ofX[i] = math.NaN()
		} else if i > 0 { // the first has no trait
			known++
		}
		if of != genomics.Male {
			ofY[i] = math.NaN()
		} else if i > 0 {
			males++
		}
	}
	covariate := glm.Covariate{Name: "C1", Values: c1}
	for i, want := range []struct {
		trait      []float64
		covariates []glm.Covariate
		samples    int
	}{
		{trait, []glm.Covariate{covariate}, 299},
		{ofX, []glm.Covariate{covariate, {Name: "S", Values: sex}}, known},
		{ofX, []glm.Covariate{covariate, {Name: "S", Values: sex}}, known},
		{ofY, []glm.Covariate{covariate}, males},
		{trait, []glm.Covariate{covariate}, 299},
	} {
		null, err := glm.FitLinear(want.trait, want.covariates, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, model := parts[i].Traits[0], null.Model().Uncorrected()
		if got.Model.Samples != want.samples || len(got.Columns) != len(model.Columns) {
			t.Fatalf("chromosome %q: %d samples, %d columns", parts[i].Name, got.Model.Samples, len(got.Columns))
		}
		for k, c := range model.Columns {
			for j, x := range c.Values {
				// Which of 1 and 2 males are coded as turns no column by more than its sign.
				if y := got.Columns[k].Values[j]; max(x-y, y-x) > 1 && max(x+y, -x-y) > 1 {
					t.Fatalf("chromosome %q, column %s, sample %d: %d, want %d", parts[i].Name, c.Name(), j, y, x)
				}
			}
		}
	}
}

// TestFewMales: where there are too few males for a null model there is no test on Y. That
// is a warning, and the table says how many variants it leaves out. With nothing else to
// test it is an error.
func TestFewMales(t *testing.T) {
	for _, test := range []*Test{logistic, linear} {
		s := newSexedStudy(t, 200, 1, 2)
		for i := range s.Sexes {
			if s.Sexes[i] = genomics.Female; i < 4 {
				s.Sexes[i] = genomics.Male
			}
		}
		s.Chromosomes = []Chromosome{{"Y", genomics.YLinked}, {"1", genomics.Diploid}}
		var h heard
		parts, err := h.traits(test, s.of(test, 1, false), s.Cohort)
		if err != nil {
			t.Fatal(err)
		}
		name := parts[0].Traits[0].Name
		if want := name + ", chromosome Y: no test, for there is no null model of males: 3 of 200 samples have the trait and all covariates"; len(h.warned) != 1 || !strings.HasPrefix(h.warned[0], want) {
			t.Errorf("%q, want %s", h.warned, want)
		}
		if y := parts[1].Traits[0]; y.Model != nil || y.Columns != nil {
			t.Errorf("%+v", y)
		}
		for _, format := range []string{"plink", "regenie", "ssf"} {
			if test == logistic && format != "plink" {
				continue
			}
			tables, err := test.Tables(parts[0].Traits, Output{Prefix: "out", Format: format, Build: "GRCh38"})
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			rows, err := tables[0].Open(&text, 10)
			if err != nil {
				t.Fatal(err)
			}
			row := make([]int, 200)
			for i := range row {
				row[i] = i % 3
			}
			write := func(part Part, id string) {
				trait := part.Traits[0]
				m := &Moments{Variant: genomics.Variant{Chrom: "1", Pos: 1, ID: id, Ref: "A", Alt: "C"}, Ploidy: part.Ploidy, Counts: genomics.Counts{67, 67, 66, 0}, Trait: &trait, Sums: sums(&trait, row), Steps: 1}
				if err := rows.Write(m); err != nil {
					t.Fatal(err)
				}
			}
			write(parts[0], "rs10")
			write(parts[1], "rs20")
			write(parts[1], "rs20")
			if err := rows.Flush(); err != nil {
				t.Fatal(err)
			}
			said, attributes := rows.Summary()
			if strings.Contains(text.String(), "rs20") || !strings.Contains(text.String(), "rs10") || !strings.Contains(said, "wrote 1 variant to ") || !strings.HasSuffix(said, ", 2 left out where there is no null model") ||
				!slices.Contains(attributes, any("no_model")) {
				t.Errorf("%s, %s: %s\n%s", test.Name, format, said, text.String())
			}
		}
		s.Chromosomes = s.Chromosomes[:1]
		if _, err := h.traits(test, s.of(test, 1, false), s.Cohort); err == nil || err.Error() != name+": there is nothing to test, for no chromosome of this cohort has a null model" {
			t.Error(err)
		}
	}
}

// TestWhomXAnalyses: as in PLINK 2, samples of unknown sex are left out where there are both
// sexes, also if a covariate tells them apart already; and a sample alone with its sex is.
// A sex that is all cases is, too, about which there is nothing to learn.
func TestWhomXAnalyses(t *testing.T) {
	const n = 60
	for _, c := range []struct {
		name             string
		males, unknown   int // the first samples but one, which has no trait, and the last
		malesAre         string
		hasSex           bool // as a covariate
		linear, logistic int  // analysed
		said             string
	}{
		{"both sexes", 20, 0, "", false, n - 1, n - 1, ""},
		{"unknown ones", 20, 5, "", false, n - 6, n - 6, ""},
		{"unknown ones, the sex is a covariate", 20, 5, "", true, n - 6, n - 6, ""},
		{"no female", 30, n - 31, "", false, n - 1, n - 1, ""},
		{"one male", 1, 0, "", false, n - 2, n - 2, "the only male is left out"},
		{"males are cases", 9, 3, "2", false, n - 4, n - 13, "9 males left out, who are all cases or all controls"},
		{"males are controls", 9, 0, "1", false, n - 1, n - 10, "9 males left out"},
		{"few of known sex", 4, n - 5, "", false, n - 1, n - 1, ""},
	} {
		s := newStudy(t, n, 1, 1)
		s.Chromosomes = []Chromosome{{"1", genomics.Diploid}, {"X", genomics.XLinked}}
		s.Sexes = make([]genomics.Sex, n)
		pheno, covar := "#IID B1 Q1\n", "#IID C1 SEX\n"
		r := rand.New(rand.NewPCG(21, 22))
		for i := range n {
			if s.Sexes[i] = genomics.Female; i <= c.males {
				s.Sexes[i] = genomics.Male
			} else if i >= n-c.unknown {
				s.Sexes[i] = genomics.UnknownSex
			}
			sex := 2 - i%2
			if s.Sexes[i] != genomics.UnknownSex {
				sex = int(s.Sexes[i])
			}
			covar += fmt.Sprintf("%s %.4f %d\n", s.Samples[i], r.NormFloat64(), sex)
			status := fmt.Sprint(1 + r.IntN(2))
			if s.Sexes[i] == genomics.Male && c.malesAre != "" {
				status = c.malesAre
			}
			if i > 0 {
				pheno += fmt.Sprintf("%s %s %.4f\n", s.Samples[i], status, r.NormFloat64())
			}
		}
		for path, text := range map[string]string{s.Path: pheno, s.Covar: covar} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for test, want := range map[*Test]int{linear: c.linear, logistic: c.logistic} {
			in := s.of(test, 1, false)
			if in.Covariates = []string{"C1"}; c.hasSex {
				in.Covariates = []string{"C1", "SEX"}
			}
			var h heard
			parts, err := h.traits(test, in, s.Cohort)
			if err != nil {
				t.Fatal(err)
			}
			if got := parts[1].Traits[0].Model; got == nil || got.Samples != want {
				t.Errorf("%s, %s: %+v analysed, want %d; %q", c.name, test.Name, got, want, h)
			}
			if want < n-1 && c.said != "" && !has(h.said, c.said) {
				if test == logistic || !strings.Contains(c.said, "cases") {
					t.Errorf("%s, %s: said %q", c.name, test.Name, h.said)
				}
			}
		}
	}
}

// TestOffsetWithoutY: Y and mitochondria without a prediction have no test, which is said.
func TestOffsetWithoutY(t *testing.T) {
	s := newSexedStudy(t, 200, 1, 1)
	s.Chromosomes = []Chromosome{{"1", genomics.Diploid}, {"23", genomics.XLinked}, {"Y", genomics.YLinked}, {"MT", genomics.Mitochondrial}}
	in := s.of(linear, 1, false)
	in.Offset = s.Offset
	var h heard
	parts, err := h.traits(linear, in, s.Cohort)
	if err != nil {
		t.Fatal(err)
	}
	for i, tested := range []bool{true, true, false, false} {
		if trait := parts[i].Traits[0]; trait.Name != "Q1" || (trait.Model != nil) != tested {
			t.Errorf("chromosome %s: %+v", parts[i].Name, trait)
		}
	}
	if !has(h.warned, "has no prediction for chromosome Y: no test there") || !has(h.warned, "chromosome MT") {
		t.Errorf("warned %q", h.warned)
	}
}
