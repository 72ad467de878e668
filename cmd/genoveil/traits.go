package main

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/genomics/glm"
	"genoveil/genomics/pheno"
	"genoveil/he"
	"genoveil/pipeline"
)

// traitFlags say what to test and with which covariates.
type traitFlags struct {
	index, pheno string
	names        []string
	test         string
	model        bool
	covar        string
	covarNames   []string
	offset       string
}

func newEncryptTraits() *cobra.Command {
	var in traitFlags
	var keys, out string
	cmd := &cobra.Command{
		Use:   "traits --index FILE --pheno FILE --pheno-name NAME… --keys DIR -o PREFIX",
		Short: "Encrypt phenotypes for a cohort",
		Long: `Encrypts phenotypes into PREFIX.traits (upload it to the compute site) and writes
PREFIX.private (keep it: it says what the encrypted columns mean). Neither may be there.

Tables are read as PLINK 2 does: a header '#IID …' or '#FID IID …', NA for
missing, cases and controls as 2 and 1 (or 1 and 0). Samples of the cohort that
are not in a table count as missing.

Tests:
  chi2      case/control, without covariates: allelic χ², and with --model also
            Cochran-Armitage trend, genotypic, dominant and recessive, which is
            twice the work
  logistic  case/control with covariates: score test
  linear    quantitative with covariates: ordinary least squares

Several phenotypes in one query share what they have in common, which is most of
the work for quantitative traits with the same covariates and samples.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := in.check(); err != nil {
			return err
		}
		job := pipeline.TraitsJob{TraitsPath: out + ".traits", PrivatePath: out + ".private"}
		inputs := []string{in.index, in.pheno, in.covar, in.offset, filepath.Join(keys, secretName)}
		outputs := []string{job.TraitsPath, job.PrivatePath}
		if err := checkOutputs(cmd, outputs, inputs); err != nil {
			return err
		}
		if err := job.Unused(); err != nil {
			return err
		}
		if err := begin(cmd, outputs...); err != nil {
			return err
		}
		secret, err := loadSecret(cmd.Context(), keys)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenIndex(in.index, pipeline.GWAS)
		if err != nil {
			return err
		}
		defer cohort.Close()
		var sections []pipeline.TraitSection
		err = await(cmd.Context(), func() (err error) {
			sections, err = in.sections(log, &cohort.Index)
			return err
		})
		if err != nil {
			return err
		}
		job.Index, job.Secret, job.Test, job.Sections = cohort, secret, in.test, sections
		before := len(cohort.Checks)
		query, err := job.Run(cmd.Context())
		if err != nil {
			return err
		}
		log.Info(fmt.Sprintf("encrypted %s into %s (upload) and %s (keep): %s and checks",
			strings.Join(in.names, ", "), job.TraitsPath, job.PrivatePath, count(len(query.Columns), "column")), "columns", len(query.Columns))
		warnOfChecks(log, in.index, before, len(cohort.Checks), out)
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&in.index, "index", "", "the cohort's .index file")
	f.StringVar(&in.pheno, "pheno", "", "phenotype table")
	f.StringSliceVar(&in.names, "pheno-name", nil, "columns of the table, separated by commas")
	f.StringVar(&in.test, "test", pipeline.TestChi2, "test to compute; chi2, logistic or linear")
	f.BoolVar(&in.model, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test chi2")
	f.StringVar(&in.covar, "covar", "", "covariate table")
	f.StringSliceVar(&in.covarNames, "covar-name", nil, "columns of the covariate table (all unless given)")
	f.StringVar(&in.offset, "offset", "", "predictions that leave out one chromosome each (.loco of REGENIE's step 1)")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out, "out", "o", "", "output; `PREFIX` of the query")
	require(cmd, "index", "pheno", "pheno-name", "keys", "out")
	return cmd
}

// warnOfChecks says that a query has gone beyond what is proven, and what to do.
func warnOfChecks(log *slog.Logger, index string, before, drawn int, out string) {
	proof := fmt.Sprintf("the proof that a cheating compute site is noticed covers %d checks of a cohort", he.Masks)
	switch {
	case drawn <= he.Masks:
		return
	case drawn-before > he.Masks:
		log.Warn(fmt.Sprintf("%s; this query takes %d. docs/security.md says what is assumed beyond", proof, drawn-before), "checks", drawn, "proven", he.Masks)
	default:
		log.Warn(fmt.Sprintf("%s; with this query %s has drawn %d. If you do not trust the site, delete %s.traits and %s.private, renew the check with 'genoveil encrypt genotypes --renew-check' and the genotypes, filters, --keys and -o of this cohort, and encrypt the traits again. Keys and uploaded genotypes stay as they are",
			proof, index, drawn, out, out), "checks", drawn, "proven", he.Masks)
	}
}

// longestName of a phenotype, in bytes, leaves room for the rest of a file's name.
const longestName = 150

// check refuses flags that do not go together, whatever the files.
func (t *traitFlags) check() error {
	tests := []string{pipeline.TestChi2, pipeline.TestLogistic, pipeline.TestLinear}
	switch {
	case !slices.Contains(tests, t.test):
		return usagef("--test takes %s, not %q", strings.Join(tests, ", "), t.test)
	case t.test == pipeline.TestChi2 && (t.covar != "" || t.offset != ""):
		return usagef("--test chi2 takes no covariates and no offset; use --test logistic")
	case t.test != pipeline.TestChi2 && t.model:
		return usagef("--model is for --test chi2")
	case len(t.covarNames) > 0 && t.covar == "":
		return usagef("--covar-name needs --covar")
	case t.offset != "" && len(t.names) > 1:
		return usagef("--offset is for one trait; give one --pheno-name")
	}
	for i, name := range t.names {
		if strings.Contains(name, "/") || len(name) > longestName {
			return usagef("--pheno-name %.40q: tables will be named after it, and a file's name has no / and few characters; rename the column", name)
		}
		if slices.Contains(t.names[:i], name) {
			return usagef("--pheno-name has %s twice", name)
		}
	}
	return nil
}

// sections makes the columns of all traits, for the whole genome or, with an
// offset, for each chromosome.
func (t *traitFlags) sections(log *slog.Logger, index *pipeline.Index) ([]pipeline.TraitSection, error) {
	table, err := pheno.Read(t.pheno)
	if err != nil {
		return nil, err
	}
	if t.test == pipeline.TestChi2 {
		if index.Genotypes != pipeline.HardCalls {
			return nil, errors.New("--test chi2 counts genotypes, and this cohort has dosages; use --test logistic")
		}
		var traits []pipeline.Trait
		for _, name := range t.names {
			status, err := caseControl(log, table, name, index.Samples, t.pheno)
			if err != nil {
				return nil, err
			}
			traits = append(traits, pipeline.Chi2Trait(name, status, t.model))
		}
		return index.Whole(traits...), nil
	}
	how := "counted as the mean"
	if index.CorrectsMissing() {
		how = "corrected for"
	}
	log.Info(fmt.Sprintf("%.2f %% of genotypes are missing; they are %s", 100*index.MissingRate, how), "missing_rate", index.MissingRate, "corrected", index.CorrectsMissing())
	covariates, err := t.covariates(log, index.Samples)
	if err != nil {
		return nil, err
	}
	fits, err := t.fitters(log, table, covariates, index)
	if err != nil {
		return nil, err
	}
	if t.offset == "" {
		return t.section(log, index, pipeline.TraitSection{To: len(index.Blocks)}, fits, nil)
	}
	loco, err := glm.ReadLoco(t.offset, index.Samples)
	if err != nil {
		return nil, err
	}
	chromosomes, err := pipeline.Chromosomes(t.index)
	if err != nil {
		return nil, err
	}
	var sections []pipeline.TraitSection
	without := 0
	for _, c := range chromosomes {
		offset, err := loco.Offset(c.Name)
		if err != nil {
			return nil, err
		}
		if n := countNaN(offset); n > 0 && n != without {
			without = n
			log.Info(fmt.Sprintf("%s: %s of the cohort without a prediction (chromosome %s); they are left out", t.offset, count(n, "sample"), c.Name), "file", t.offset, "absent", n)
		}
		s, err := t.section(log, index, pipeline.TraitSection{Chromosome: c.Name, From: c.From, To: c.To}, fits, offset)
		if err != nil {
			return nil, err
		}
		sections = append(sections, s...)
	}
	return sections, nil
}

// A fitter fits the null model of a trait.
type fitter struct {
	name string
	fit  func(offset []float64) (*glm.Null, error)
}

// fitters reads the traits.
func (t *traitFlags) fitters(log *slog.Logger, table *pheno.Table, covariates []glm.Covariate, index *pipeline.Index) ([]fitter, error) {
	var fits []fitter
	for _, name := range t.names {
		f := fitter{name: name}
		if t.test == pipeline.TestLogistic {
			status, err := caseControl(log, table, name, index.Samples, t.pheno)
			if err != nil {
				return nil, err
			}
			f.fit = func(offset []float64) (*glm.Null, error) { return glm.FitLogistic(status, covariates, offset) }
		} else {
			values, err := table.Quantitative(name, index.Samples)
			if err != nil {
				return nil, err
			}
			logValues(log, table, name, values, index.Samples, t.pheno)
			f.fit = func(offset []float64) (*glm.Null, error) { return glm.FitLinear(values, covariates, offset) }
		}
		fits = append(fits, f)
	}
	return fits, nil
}

// section fits the null models of a part of the genome.
func (t *traitFlags) section(log *slog.Logger, index *pipeline.Index, s pipeline.TraitSection, fits []fitter, offset []float64) ([]pipeline.TraitSection, error) {
	for _, f := range fits {
		null, err := f.fit(offset)
		where := ""
		if s.Chromosome != "" {
			where = ", chromosome " + s.Chromosome
		}
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", f.name, where, err)
		}
		log.Info(fmt.Sprintf("%s%s: %s null model of %s with %s, converged after %s, deviance %.6g", f.name, where, null.Kind,
			count(null.Samples, "sample"), count(null.Covariates, "covariate"), count(null.Iterations, "iteration"), null.Deviance),
			"trait", f.name, "samples", null.Samples, "covariates", null.Covariates, "iterations", null.Iterations, "deviance", null.Deviance)
		s.Traits = append(s.Traits, pipeline.GLMTrait(f.name, null.Model(), index))
	}
	return []pipeline.TraitSection{s}, nil
}

// covariates reads the covariate table.
func (t *traitFlags) covariates(log *slog.Logger, samples []string) ([]glm.Covariate, error) {
	if t.covar == "" {
		return nil, nil
	}
	table, err := pheno.Read(t.covar)
	if err != nil {
		return nil, err
	}
	names := t.covarNames
	if len(names) == 0 {
		names = table.Columns()
	}
	var covariates []glm.Covariate
	for _, name := range names {
		values, err := table.Quantitative(name, samples)
		if err != nil {
			return nil, err
		}
		covariates = append(covariates, glm.Covariate{Name: name, Values: values})
	}
	found, unused := table.Overlap(samples)
	logUnused(log, t.covar, unused)
	lacking := found - len(samples) // of those with a line
	for i := range samples {
		if slices.ContainsFunc(covariates, func(c glm.Covariate) bool { return math.IsNaN(c.Values[i]) }) {
			lacking++
		}
	}
	if noLine := len(samples) - found; noLine+lacking > 0 {
		log.Info(fmt.Sprintf("%s: %s of the cohort without a line, %d without a value of a covariate; they are left out", t.covar, count(noLine, "sample"), lacking),
			"file", t.covar, "no_line", noLine, "no_value", lacking)
	}
	return covariates, nil
}

// logValues says what was found of a quantitative trait.
func logValues(log *slog.Logger, table *pheno.Table, name string, values []float64, samples []string, path string) {
	absent := countNaN(values)
	log.Info(fmt.Sprintf("%s: %s, %s of the cohort without", name, count(len(values)-absent, "value"), count(absent, "sample")), "trait", name, "values", len(values)-absent, "absent", absent)
	_, unused := table.Overlap(samples)
	logUnused(log, path, unused)
}

func logUnused(log *slog.Logger, path string, unused int) {
	if unused > 0 {
		log.Info(fmt.Sprintf("%s names %s that the cohort does not have", path, count(unused, "sample")), "unused", unused)
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

// caseControl reads a binary trait and logs what it found.
func caseControl(log *slog.Logger, table *pheno.Table, name string, samples []string, path string) ([]pheno.Status, error) {
	status, counts, err := table.CaseControl(name, samples)
	if err != nil {
		return nil, err
	}
	coding := "2 is a case, 1 a control"
	if counts.ZeroOne {
		coding = "1 is a case, 0 a control"
	}
	log.Info(fmt.Sprintf("%s: %s, %s, %s of the cohort without a value (%s)", name, count(counts.Cases, "case"), count(counts.Controls, "control"), count(counts.Absent, "sample"), coding),
		"trait", name, "cases", counts.Cases, "controls", counts.Controls, "absent", counts.Absent)
	logUnused(log, path, counts.Unused)
	return status, nil
}
