package test

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
)

// logistic is the score test of logistic regression.
var logistic = &Test{
	Name:       "logistic",
	About:      "case/control with covariates: score test",
	Results:    "PREFIX.TRAIT.glm.logistic, as PLINK 2's --glm writes it",
	Options:    nullModelOptions,
	Covariates: true,
	read: func(r *reading, name string) (fit, error) {
		status, err := r.caseControl(name)
		return r.nullModel(name, func(p place, covariates []glm.Covariate) (*glm.Null, error) {
			return glm.FitLogistic(only(status, r.Sexes, p, pheno.Absent), covariates, p.offset)
		}), err
	},
	// Analysed; case, weight, skew, residual, weight × covariate.
	cost: func(d Design) Cost {
		return Cost{Dosage: 1 + d.Phenotypes*(4+d.Covariates), Square: 2 * d.Phenotypes}
	},
	check:  checkNullModel,
	tables: nullModelTables,
}

// linear is ordinary least squares.
var linear = &Test{
	Name:  "linear",
	About: "quantitative with covariates: ordinary least squares",
	Results: `PREFIX.TRAIT.glm.linear
or, with --format, REGENIE's (PREFIX_TRAIT.regenie) or the GWAS
Catalog's (PREFIX.TRAIT.tsv and its metadata)`,
	Options:    nullModelOptions,
	Covariates: true,
	read: func(r *reading, name string) (fit, error) {
		values, err := r.quantitative(name)
		return r.nullModel(name, func(p place, covariates []glm.Covariate) (*glm.Null, error) {
			return glm.FitLinear(only(values, r.Sexes, p, math.NaN()), covariates, p.offset)
		}), err
	},
	// Analysed, covariate; residual.
	cost:   func(d Design) Cost { return Cost{Dosage: 1 + d.Covariates + d.Phenotypes, Square: 1} },
	check:  checkNullModel,
	tables: nullModelTables,
}

var nullModelOptions = []string{"format", "mac", "bgzip", "build"}

// nullModel fits a trait's null models, and says how they came out. Where a chromosome has
// other samples or covariates than the rest of the genome and no model can be fitted, as
// on Y with few males, there is no test on it.
func (r *reading) nullModel(name string, regress regress) fit {
	return func(p place) (Trait, error) {
		null, dropped, err := r.fit(name, p, regress)
		if err != nil && p.Ploidy.BySex() {
			of := ""
			if p.Ploidy == genomics.YLinked {
				of = " of males"
			}
			r.warn(fmt.Sprintf("%s%s: no test, for there is no null model%s: %v", name, p, of, err), "trait", name, "chromosome", p.Name)
			return Trait{Name: name}, nil
		}
		if err != nil {
			return Trait{}, fmt.Errorf("%s%s: %w", name, p, err)
		}
		if len(dropped) > 0 {
			r.log(fmt.Sprintf("%s%s: without covariate %s, which is constant among these samples or follows from the others", name, p, strings.Join(dropped, ", ")),
				"trait", name, "chromosome", p.Name, "dropped", dropped)
		}
		sex := ""
		if null.Has(sexName) {
			sex = " (one is the sex)"
		}
		r.log(fmt.Sprintf("%s%s: %s null model of %s with %s%s, %s", name, p, null.Kind,
			count(null.Samples, "sample"), count(null.Covariates, "covariate"), sex, null.Fitted()),
			"trait", name, "samples", null.Samples, "covariates", null.Covariates, "iterations", null.Iterations, "deviance", null.Deviance)
		r.sayCategories(name, null)
		model := null.Model()
		model.Haploid = p.Ploidy == genomics.YLinked || p.Ploidy == genomics.Mitochondrial
		return ModelTrait(name, model, r.corrects()), nil
	}
}

// regress fits a null model.
type regress func(p place, covariates []glm.Covariate) (*glm.Null, error)

// fit fits a null model with the covariates of a place. On X the sex is one more, as in
// PLINK 2, where there are samples of both sexes; those of unknown sex are then left out.
// So is a sample that is alone with its sex, as one alone in a category, and a sex that is
// all cases or all controls, about which a logistic model with the sex says nothing.
func (r *reading) fit(name string, p place, regress regress) (null *glm.Null, dropped []string, err error) {
	null, dropped, err = r.fitVarying(p, r.covariates, regress)
	if err != nil || p.Ploidy != genomics.XLinked || r.Sexes == nil {
		return null, dropped, err
	}
	var n [3]int
	for _, i := range null.Analysed() {
		n[r.Sexes[i]]++
	}
	few, many := genomics.Male, genomics.Female
	if n[few] > n[many] {
		few, many = many, few
	}
	switch {
	case n[few] == 0:
		return null, dropped, nil
	case n[few] == 1:
		r.log(fmt.Sprintf("%s%s: the only %s is left out", name, p, few), "trait", name, "chromosome", p.Name)
		p.without = []genomics.Sex{few}
		return r.fitVarying(p, r.covariates, regress)
	}
	p.without = []genomics.Sex{genomics.UnknownSex}
	null, dropped, err = r.fitVarying(p, append(slices.Clip(r.covariates), sexCovariate(r.Sexes)), regress)
	for _, sex := range []genomics.Sex{few, many} {
		if !errors.Is(err, glm.ErrSeparation) {
			break
		}
		p.without = []genomics.Sex{genomics.UnknownSex, sex}
		if without, dropped, failed := r.fitVarying(p, r.covariates, regress); failed == nil {
			r.log(fmt.Sprintf("%s%s: %s left out, who are all cases or all controls", name, p, count(n[sex], sex.String())), "trait", name, "chromosome", p.Name, "left_out", n[sex])
			return without, dropped, nil
		}
	}
	return null, dropped, err
}

// fitVarying fits a null model. On X and Y covariates are left out that are redundant among
// the samples there.
func (r *reading) fitVarying(p place, covariates []glm.Covariate, regress regress) (null *glm.Null, dropped []string, err error) {
	for {
		null, err = regress(p, covariates)
		var redundant *glm.Redundant
		if !p.Ploidy.BySex() || !errors.As(err, &redundant) {
			return null, dropped, err
		}
		for _, name := range redundant.Covariates {
			i := slices.IndexFunc(covariates, func(c glm.Covariate) bool { return c.Name == name })
			if i < 0 { // one category of a covariate
				return null, dropped, err
			}
			if name != sexName {
				dropped = append(dropped, name)
			}
			covariates = slices.Delete(slices.Clone(covariates), i, i+1)
		}
	}
}

// sexName is no name that a column of a table can have.
const sexName = "the sex"

// sexCovariate is 1 for males and 2 for females.
func sexCovariate(sexes []genomics.Sex) glm.Covariate {
	c := glm.Covariate{Name: sexName, Values: make([]float64, len(sexes))}
	for i, s := range sexes {
		c.Values[i] = float64(s)
	}
	return c
}

// only makes a trait absent for samples that are not analysed in a place: those without the
// chromosome, and those of a sex that is left out.
func only[T any](values []T, sexes []genomics.Sex, p place, absent T) []T {
	if p.Ploidy != genomics.YLinked && p.without == nil {
		return values
	}
	values = slices.Clone(values)
	for i := range values {
		sex := genomics.UnknownSex
		if sexes != nil {
			sex = sexes[i]
		}
		if p.Ploidy.Copies(sex) == 0 || slices.Contains(p.without, sex) {
			values[i] = absent
		}
	}
	return values
}

// ModelTrait has the columns of a null model, without those that correct for missing
// genotypes if the cohort has hardly any.
func ModelTrait(name string, model *glm.Model, corrects bool) Trait {
	if !corrects {
		model = model.Uncorrected()
	}
	t := Trait{Name: name, Model: model}
	for _, c := range model.Columns {
		t.Columns = append(t.Columns, Column{Values: c.Values, Sum: c.Sum, Dosage: c.Dosage, Square: c.Square})
	}
	return t
}

func checkNullModel(name string, model *glm.Model, columns int) error {
	if model == nil && columns == 0 {
		return nil // no test on this part of the genome
	}
	if model == nil {
		return fmt.Errorf("trait %s has no model", name)
	}
	if len(model.Columns) != columns {
		return fmt.Errorf("trait %s has %d columns, its model %d", name, columns, len(model.Columns))
	}
	return nil
}

// nullModelTables lists a table for every trait.
func nullModelTables(test *Test, traits []Trait, out Output) ([]Table, error) {
	f, err := out.format()
	if err != nil {
		return nil, err
	}
	var tables []Table
	for i, t := range traits {
		path := f.path(out.Prefix, t.Name, test.Name)
		if out.Compress {
			path += ".gz"
		}
		var rows resultWriter
		table := Table{Trait: i, Path: path, Compress: out.Compress, Header: f.header, Open: func(w io.Writer, _ int) (_ Rows, err error) {
			rows, err = f.rows(w, t.Model.Kind)
			return &resultRows{rows: rows, trait: t.Name, path: path, minAlleles: out.MinAlleles}, err
		}}
		if f.metadata != nil {
			table.Metadata = func(w io.Writer, file, md5 string) error { return f.metadata(w, t, rows, out.Build, file, md5) }
		}
		tables = append(tables, table)
	}
	return tables, nil
}

// resultRows are a table of a test with a null model.
type resultRows struct {
	rows        resultWriter
	trait, path string
	minAlleles  float64

	written  int
	rare     int // left out by minAlleles
	untested int // left out because the trait has no null model there
	failed   int // with an error code instead of a test
	midP     int // whose P is the Poisson mid-P value
}

func (r *resultRows) Write(m *Moments) error {
	if m.Trait.Model == nil {
		r.untested++
		return nil
	}
	result, err := m.Trait.Model.Test(m.Sums, m.Steps)
	if err != nil {
		v := m.Variant
		return fmt.Errorf("variant %s at %s:%d, trait %s: %w", v.ID, v.Chrom, v.Pos, m.Trait.Name, err)
	}
	if result.MinorAlleles() < r.minAlleles {
		r.rare++
		return nil
	}
	r.written++
	if result.Error != "" {
		r.failed++
	}
	if result.MidP {
		r.midP++
	}
	return r.rows.Write(m.Variant, result)
}

func (r *resultRows) Flush() error { return r.rows.Flush() }

func (r *resultRows) Summary() (string, []any) {
	text, attributes := r.summary()
	if r.untested > 0 {
		text += fmt.Sprintf(", %d left out where there is no null model", r.untested)
		attributes = append(attributes, "no_model", r.untested)
	}
	return text, attributes
}

func (r *resultRows) summary() (string, []any) {
	if ssf, ok := r.rows.(*glm.SSFWriter); ok {
		written := r.written - ssf.Omitted()
		return fmt.Sprintf("%s: wrote %s to %s; left out: %d without a test, %d that the format has no place for (contigs, alleles other than A, C, G and T), %d below --mac %g; %d by Poisson mid-P",
				r.trait, count(written, "variant"), r.path, r.failed, ssf.NoPlace(), r.rare, r.minAlleles, r.midP),
			[]any{"trait", r.trait, "path", r.path, "variants", written, "without_test", r.failed, "no_place", ssf.NoPlace(), "midp", r.midP, "below_mac", r.rare}
	}
	return fmt.Sprintf("%s: wrote %s to %s; %d without a test, %d by Poisson mid-P, %d left out below --mac %g",
			r.trait, count(r.written, "variant"), r.path, r.failed, r.midP, r.rare, r.minAlleles),
		[]any{"trait", r.trait, "path", r.path, "variants", r.written, "without_test", r.failed, "midp", r.midP, "below_mac", r.rare}
}
