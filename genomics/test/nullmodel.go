package test

import (
	"fmt"
	"io"

	"genoveil/genomics/glm"
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
		return r.nullModel(name, func(offset []float64) (*glm.Null, error) { return glm.FitLogistic(status, r.covariates, offset) }), err
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
		return r.nullModel(name, func(offset []float64) (*glm.Null, error) { return glm.FitLinear(values, r.covariates, offset) }), err
	},
	// Analysed, covariate; residual.
	cost:   func(d Design) Cost { return Cost{Dosage: 1 + d.Covariates + d.Phenotypes, Square: 1} },
	check:  checkNullModel,
	tables: nullModelTables,
}

var nullModelOptions = []string{"format", "mac", "bgzip", "build"}

// nullModel fits a trait's null models, and says how they came out.
func (r *reading) nullModel(name string, regress func(offset []float64) (*glm.Null, error)) fit {
	return func(chromosome string, offset []float64) (Trait, error) {
		where := ""
		if chromosome != "" {
			where = ", chromosome " + chromosome
		}
		null, err := regress(offset)
		if err != nil {
			return Trait{}, fmt.Errorf("%s%s: %w", name, where, err)
		}
		r.log(fmt.Sprintf("%s%s: %s null model of %s with %s, %s", name, where, null.Kind,
			count(null.Samples, "sample"), count(null.Covariates, "covariate"), null.Fitted()),
			"trait", name, "samples", null.Samples, "covariates", null.Covariates, "iterations", null.Iterations, "deviance", null.Deviance)
		r.sayCategories(name, null)
		return ModelTrait(name, null.Model(), r.corrects()), nil
	}
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

	written int
	rare    int // left out by minAlleles
	failed  int // with an error code instead of a test
	midP    int // whose P is the Poisson mid-P value
}

func (r *resultRows) Write(m *Moments) error {
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
