package test

import (
	"fmt"
	"math"
	"slices"

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
	Calls       bool // hard calls, not dosages
	MissingRate float64

	// Chromosomes lists them. It is called where there is an offset.
	Chromosomes func() ([]string, error)
}

// A Part is the traits for a part of the genome: all of it, or one chromosome where null
// models have an offset that leaves that one out.
type Part struct {
	Chromosome string // empty for all
	Traits     []Trait
}

// A reading is phenotypes and a cohort on the way to traits.
type reading struct {
	Phenotypes
	Cohort
	log        Log
	table      *pheno.Table
	covariates []glm.Covariate
}

// A fit makes the trait's columns for all of the genome or, with an offset, for a
// chromosome.
type fit func(chromosome string, offset []float64) (Trait, error)

// Traits reads the phenotypes, fits their null models where the test has such, and makes
// the columns.
func (t *Test) Traits(in Phenotypes, c Cohort, log Log) ([]Part, error) {
	r := &reading{Phenotypes: in, Cohort: c, log: log}
	var err error
	if r.table, err = pheno.Read(in.Path); err != nil {
		return nil, err
	}
	if t.Calls && !c.Calls {
		return nil, fmt.Errorf("--test %s counts genotypes, and this cohort has dosages; use --test %s", t.Name, t.Instead)
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
	if in.Offset == "" {
		part, err := partOf("", fits, nil)
		return []Part{part}, err
	}
	return r.byChromosome(fits)
}

// byChromosome makes a part for every chromosome, each with its own offset.
func (r *reading) byChromosome(fits []fit) ([]Part, error) {
	loco, err := glm.ReadLoco(r.Offset, r.Samples)
	if err != nil {
		return nil, err
	}
	chromosomes, err := r.Chromosomes()
	if err != nil {
		return nil, err
	}
	if err := loco.Check(chromosomes); err != nil {
		return nil, err
	}
	var parts []Part
	without := 0
	for _, chromosome := range chromosomes {
		offset, err := loco.Offset(chromosome)
		if err != nil {
			return nil, err
		}
		if n := countNaN(offset); n > 0 && n != without {
			without = n
			r.log(fmt.Sprintf("%s: %s of the cohort without a prediction (chromosome %s); they are left out", r.Offset, count(n, "sample"), chromosome), "file", r.Offset, "absent", n)
		}
		part, err := partOf(chromosome, fits, offset)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}

func partOf(chromosome string, fits []fit, offset []float64) (Part, error) {
	part := Part{Chromosome: chromosome}
	for _, f := range fits {
		trait, err := f(chromosome, offset)
		if err != nil {
			return part, err
		}
		part.Traits = append(part.Traits, trait)
	}
	return part, nil
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
	names := r.Covariates
	if len(names) == 0 {
		names = table.Columns()
	}
	var covariates []glm.Covariate
	for _, name := range names {
		values, err := table.Quantitative(name, r.Samples)
		if err != nil {
			return nil, err
		}
		covariates = append(covariates, glm.Covariate{Name: name, Values: values})
	}
	r.sayLacking(table, covariates)
	return covariates, nil
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
	if noLine := len(r.Samples) - found; noLine+lacking > 0 {
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
	return values, nil
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
