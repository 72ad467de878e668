package test

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
)

// Phenotypes say what to test, and with which covariates.
type Phenotypes struct {
	Path   string   // table of phenotypes
	Traits []string // columns of it
	Models bool     // also the tests on genotypes, where the test has such

	Covar      string   // table of covariates, or empty
	Covariates []string // columns of it, all unless given
	Offset     string   // predictions that leave out one chromosome each, or empty
}

// A Cohort is what a test has to know of the genotypes.
type Cohort struct {
	Samples     []string
	Sexes       []genomics.Sex // of the samples; nil where none was given
	Calls       bool           // hard calls, not dosages
	MissingRate float64
	Chromosomes []Chromosome // in order
}

// A Chromosome is one of a cohort.
type Chromosome struct {
	Name   string // empty for all of which samples have two copies
	Ploidy genomics.Ploidy
}

// A Part is the traits for a part of the genome: all chromosomes of which samples have two
// copies, or one chromosome where it has others, or where null models have an offset that
// leaves that one out.
type Part struct {
	Chromosome
	Traits []Trait
}

// A place is where null models are fitted for.
type place struct {
	Chromosome
	offset  []float64      // nil for none
	without []genomics.Sex // samples of these are not analysed

	untested bool // no test there
}

// String names a chromosome, for messages.
func (p place) String() string {
	if p.Name == "" {
		return ""
	}
	return ", chromosome " + p.Name
}

// A reading is phenotypes and a cohort on the way to traits.
type reading struct {
	Phenotypes
	Cohort
	log, warn  Log
	table      *pheno.Table
	covariates []glm.Covariate
	said       []string // of categorical covariates
}

// A fit makes the trait's columns for a part of the genome.
type fit func(p place) (Trait, error)

// Traits reads the phenotypes, fits their null models where the test has such, and makes
// the columns.
func (t *Test) Traits(in Phenotypes, c Cohort, log, warn Log) ([]Part, error) {
	r := &reading{Phenotypes: in, Cohort: c, log: log, warn: warn}
	var err error
	if r.table, err = pheno.Read(in.Path); err != nil {
		return nil, err
	}
	if t.Calls && !c.Calls {
		return nil, fmt.Errorf("--test %s counts genotypes, and this cohort has dosages; use --test %s", t.Name, t.Instead)
	}
	if in.Models && len(c.Chromosomes) > 0 && !slices.ContainsFunc(c.Chromosomes, func(c Chromosome) bool { return c.Ploidy == genomics.Diploid || c.Ploidy == genomics.XLinked }) {
		return nil, errors.New("--model tests genotypes of two alleles, and this cohort has none: it has Y or mitochondria alone")
	}
	if t.Covariates {
		r.sayMissing()
		if r.covariates, err = r.readCovariates(); err != nil {
			return nil, err
		}
	}
	var fits []fit
	for _, name := range in.Traits {
		f, err := t.read(r, name)
		if err != nil {
			return nil, err
		}
		fits = append(fits, f)
	}
	places, err := r.places()
	if err != nil {
		return nil, err
	}
	r.warnOfSexes(places)
	var parts []Part
	tested := make([]bool, len(fits))
	for _, p := range places {
		part := Part{Chromosome: p.Chromosome}
		for i, f := range fits {
			if p.untested {
				part.Traits = append(part.Traits, Trait{Name: in.Traits[i]})
				continue
			}
			trait, err := f(p)
			if err != nil {
				return nil, err
			}
			part.Traits = append(part.Traits, trait)
			tested[i] = tested[i] || len(trait.Columns) > 0
		}
		parts = append(parts, part)
	}
	if i := slices.Index(tested, false); i >= 0 {
		return nil, fmt.Errorf("%s: there is nothing to test, for no chromosome of this cohort has a null model", in.Traits[i])
	}
	return parts, nil
}

// warnOfSexes says what tests on X and Y take for granted where no sex is known.
func (r *reading) warnOfSexes(places []place) {
	if slices.Contains(r.Sexes, genomics.Male) || slices.Contains(r.Sexes, genomics.Female) {
		return
	}
	for _, p := range places {
		if p.Ploidy.BySex() {
			r.warn(fmt.Sprintf("chromosome %s: no sample's sex is known, so all count as having two copies of X and none of Y; the cohort gets sexes from 'genoveil encrypt genotypes --sex'", p.Name), "chromosome", p.Name)
		}
	}
}

// places are where a test's columns differ: all chromosomes of two copies, then each other
// one, or with an offset every chromosome.
func (r *reading) places() ([]place, error) {
	if r.Offset != "" {
		return r.offsets()
	}
	var whole, others []place
	for _, c := range r.Chromosomes {
		switch {
		case c.Ploidy != genomics.Diploid:
			others = append(others, place{Chromosome: c})
		case whole == nil:
			whole = []place{{}}
		}
	}
	if r.Chromosomes == nil {
		whole = []place{{}}
	}
	return append(whole, others...), nil
}

// offsets gives every chromosome its own offset.
func (r *reading) offsets() ([]place, error) {
	loco, err := glm.ReadLoco(r.Offset, r.Samples)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range r.Chromosomes {
		if c.Ploidy == genomics.Diploid || c.Ploidy == genomics.XLinked {
			names = append(names, c.Name)
		}
	}
	if err := loco.Check(names); err != nil {
		return nil, err
	}
	var places []place
	without := 0
	for _, c := range r.Chromosomes {
		if loco.Check([]string{c.Name}) != nil { // REGENIE's step 1 has neither Y nor mitochondria
			r.warn(fmt.Sprintf("%s has no prediction for chromosome %s: no test there", r.Offset, c.Name), "file", r.Offset, "chromosome", c.Name)
			places = append(places, place{Chromosome: c, untested: true})
			continue
		}
		offset, err := loco.Offset(c.Name)
		if err != nil {
			return nil, err
		}
		if n := countNaN(offset); n > 0 && n != without {
			without = n
			r.log(fmt.Sprintf("%s: %s of the cohort without a prediction (chromosome %s); they are left out", r.Offset, count(n, "sample"), c.Name), "file", r.Offset, "absent", n)
		}
		places = append(places, place{Chromosome: c, offset: offset})
	}
	return places, nil
}

// corrects says whether models correct for missing genotypes.
func (r *reading) corrects() bool { return glm.CorrectsMissing(r.MissingRate) }

func (r *reading) sayMissing() {
	how := "counted as the mean"
	if r.corrects() {
		how = "corrected for"
	}
	r.log(fmt.Sprintf("%.2f %% of genotypes are missing; they are %s", 100*r.MissingRate, how), "missing_rate", r.MissingRate, "corrected", r.corrects())
}

func (r *reading) readCovariates() ([]glm.Covariate, error) {
	if r.Covar == "" {
		return nil, nil
	}
	table, err := pheno.Read(r.Covar)
	if err != nil {
		return nil, err
	}
	names := withRanges(r.Covariates, table.Columns())
	if len(names) == 0 {
		names = table.Columns()
	}
	var covariates []glm.Covariate
	for _, name := range names {
		c, err := r.readCovariate(table, name)
		if err != nil {
			return nil, err
		}
		if c.Levels != nil && len(c.Levels) < 2 {
			r.sayOnlyLevel(c)
			continue
		}
		covariates = append(covariates, c)
	}
	r.sayLacking(table, covariates)
	return covariates, nil
}

// withRanges puts the columns that a range such as PC1-PC4 spans in its place, as PLINK 2
// does. What is the name of a column is none.
func withRanges(names, columns []string) (all []string) {
	for _, name := range names {
		span := []string{name}
		for i, letter := range name {
			if letter != '-' || slices.Contains(columns, name) {
				continue
			}
			from, to := slices.Index(columns, name[:i]), slices.Index(columns, name[i+1:])
			if from >= 0 && from < to {
				span = columns[from : to+1]
			}
		}
		all = append(all, span...)
	}
	return all
}

// sayLacking says how many samples the covariates lose.
func (r *reading) sayLacking(table *pheno.Table, covariates []glm.Covariate) {
	found, unused := table.Overlap(r.Samples)
	r.sayUnused(r.Covar, unused)
	lacking := found - len(r.Samples) // of those with a line
	for i := range r.Samples {
		if slices.ContainsFunc(covariates, func(c glm.Covariate) bool { return math.IsNaN(c.Values[i]) }) {
			lacking++
		}
	}
	if noLine := len(r.Samples) - found; noLine+lacking > 0 && len(covariates) > 0 {
		r.log(fmt.Sprintf("%s: %s of the cohort without a line, %d without a value of a covariate; they are left out", r.Covar, count(noLine, "sample"), lacking),
			"file", r.Covar, "no_line", noLine, "no_value", lacking)
	}
}

// quantitative reads a quantitative trait and says what it found.
func (r *reading) quantitative(name string) ([]float64, error) {
	values, err := r.table.Quantitative(name, r.Samples)
	if err != nil {
		return nil, err
	}
	absent := countNaN(values)
	r.log(fmt.Sprintf("%s: %s, %s of the cohort without", name, count(len(values)-absent, "value"), count(absent, "sample")), "trait", name, "values", len(values)-absent, "absent", absent)
	_, unused := r.table.Overlap(r.Samples)
	r.sayUnused(r.Path, unused)
	r.warnOfCases(name, values)
	return values, nil
}

// warnOfCases says that the values of a quantitative trait look like cases and controls.
func (r *reading) warnOfCases(name string, values []float64) {
	least, greatest := math.Inf(1), math.Inf(-1)
	for _, x := range values {
		if !math.IsNaN(x) {
			least, greatest = min(least, x), max(greatest, x)
		}
	}
	between := slices.ContainsFunc(values, func(x float64) bool { return x > least && x < greatest })
	if between || greatest != least+1 || least != 0 && least != 1 {
		return
	}
	r.warn(fmt.Sprintf("%s: all values are %v or %v, which looks like controls and cases; --test logistic is for these, and this test takes them as quantities", name, least, greatest), "trait", name)
}

// caseControl reads a binary trait and says what it found.
func (r *reading) caseControl(name string) ([]pheno.Status, error) {
	status, counts, err := r.table.CaseControl(name, r.Samples)
	if err != nil {
		return nil, err
	}
	coding := "2 is a case, 1 a control"
	if counts.ZeroOne {
		coding = "1 is a case, 0 a control"
	}
	r.log(fmt.Sprintf("%s: %s, %s, %s of the cohort without a value (%s)", name, count(counts.Cases, "case"), count(counts.Controls, "control"), count(counts.Absent, "sample"), coding),
		"trait", name, "cases", counts.Cases, "controls", counts.Controls, "absent", counts.Absent)
	r.sayUnused(r.Path, counts.Unused)
	return status, nil
}

// sayUnused says that a table has samples which the cohort does not have.
func (r *reading) sayUnused(path string, unused int) {
	if unused > 0 {
		r.log(fmt.Sprintf("%s names %s that the cohort does not have", path, count(unused, "sample")), "unused", unused)
	}
}

func countNaN(values []float64) (n int) {
	for _, x := range values {
		if math.IsNaN(x) {
			n++
		}
	}
	return n
}

// count writes a number of things: "1 case", "2 cases".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
