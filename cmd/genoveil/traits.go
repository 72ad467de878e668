package main

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline"
)

// traitFlags say what to test and how.
type traitFlags struct {
	index string
	test  string
	test.Phenotypes
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
` + describeTests(func(t *test.Test) string { return t.About }) + `
Several phenotypes in one query share what they have in common, which is most of
the work for quantitative traits with the same covariates and samples.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := in.check(); err != nil {
			return err
		}
		job := pipeline.TraitsJob{Test: test.Find(in.test), TraitsPath: out + ".traits", PrivatePath: out + ".private"}
		inputs := []string{in.index, in.Path, in.Covar, in.Offset, filepath.Join(keys, secretName)}
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
			sections, err = cohort.Sections(job.Test, in.Phenotypes, log.Info)
			return err
		})
		if err != nil {
			return err
		}
		job.Index, job.Secret, job.Sections = cohort, secret, sections
		before := len(cohort.Checks)
		query, err := job.Run(cmd.Context())
		if err != nil {
			return err
		}
		log.Info(fmt.Sprintf("encrypted %s into %s (upload) and %s (keep): %s and checks",
			strings.Join(in.Traits, ", "), job.TraitsPath, job.PrivatePath, count(len(query.Columns), "column")), "columns", len(query.Columns))
		warnOfChecks(log, in.index, before, len(cohort.Checks), out)
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&in.index, "index", "", "the cohort's .index file")
	f.StringVar(&in.Path, "pheno", "", "phenotype table")
	f.StringSliceVar(&in.Traits, "pheno-name", nil, "columns of the table, separated by commas")
	f.StringVar(&in.test, "test", test.All[0].Name, "test to compute; "+listed(testNames(nil), "or"))
	f.BoolVar(&in.Models, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test "+listed(testNames(takesModels), "or"))
	f.StringVar(&in.Covar, "covar", "", "covariate table")
	f.StringSliceVar(&in.Covariates, "covar-name", nil, "columns of the covariate table (all unless given)")
	f.StringVar(&in.Offset, "offset", "", "predictions that leave out one chromosome each (.loco of REGENIE's step 1)")
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

// check refuses flags that do not go together, whatever the files.
func (t *traitFlags) check() error {
	chosen := test.Find(t.test)
	switch {
	case chosen == nil:
		return usagef("--test takes %s, not %q", strings.Join(testNames(nil), ", "), t.test)
	case !chosen.Covariates && (t.Covar != "" || t.Offset != ""):
		return usagef("--test %s takes no covariates and no offset; use --test %s", chosen.Name, chosen.Instead)
	case !chosen.Models && t.Models:
		return usagef("--model is for --test %s", listed(testNames(takesModels), "or"))
	case len(t.Covariates) > 0 && t.Covar == "":
		return usagef("--covar-name needs --covar")
	case t.Offset != "" && len(t.Traits) > 1:
		return usagef("--offset is for one trait; give one --pheno-name")
	}
	for i, name := range t.Traits {
		if slices.Contains(t.Traits[:i], name) {
			return usagef("--pheno-name has %s twice", name)
		}
	}
	return nil
}
