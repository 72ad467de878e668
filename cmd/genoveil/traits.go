package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/test"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
)

// traitFlags say what to test and how.
type traitFlags struct {
	outputFlags
	test.Phenotypes
	index, keys string
	test        string

	chosen *test.Test // as check read it
}

func newEncryptTraits(s *session) *cobra.Command {
	o := new(traitFlags)
	cmd := &cobra.Command{
		Use:   "traits --index FILE --pheno FILE --pheno-name NAME… --keys DIR -o PREFIX",
		Short: "Encrypt phenotypes for a cohort",
		Long: `Encrypts phenotypes into PREFIX.traits. Upload it to the compute site. The command also
writes PREFIX.private, which says what the encrypted columns mean. Keep it. You need it
to decrypt. The command does not replace these files.

Tables are read as PLINK 2 reads them. The header is '#IID …' or '#FID IID …'. NA is a
missing value. 2 is a case and 1 a control, or 1 is a case and 0 a control. A sample of
the cohort that a table does not have counts as missing. A
covariate may be text, and NONE is a missing category. Each category but the most common
becomes a covariate, such as ARRAY=Axiom.

Tests:
` + describeTests(func(t *test.Test) string { return t.About }) + `
Give several phenotypes in one query if you can. They share the work that they have in
common. That is most of it for quantitative traits with the same covariates and samples.`,
		Args:    noArgs,
		PreRunE: func(*cobra.Command, []string) error { return o.check() },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	o.register(cmd.Flags())
	require(cmd, "index", "pheno", "pheno-name", "keys", "out")
	return cmd
}

func (o *traitFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.index, "index", "", "the cohort's .index file")
	f.StringVar(&o.Path, "pheno", "", "phenotype table")
	f.StringSliceVar(&o.Traits, "pheno-name", nil, "columns of the table, separated by commas")
	f.StringVar(&o.test, "test", test.All[0].Name, "test to compute; "+listed(testNames(nil), "or"))
	f.BoolVar(&o.Models, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test "+listed(testNames(takesModels), "or"))
	f.StringVar(&o.Covar, "covar", "", "covariate table")
	f.StringSliceVar(&o.Covariates, "covar-name", nil, "columns of the covariate table, also ranges such as PC1-PC4 (default: all)")
	f.StringVar(&o.Offset, "offset", "", "predictions that leave out one chromosome each (.loco of REGENIE's step 1)")
	f.StringVar(&o.keys, "keys", "", "directory with secret.key")
	f.StringVarP(&o.out, "out", "o", "", "output; `PREFIX` of the query")
}

// longestName of a phenotype, in bytes, leaves room for the rest of a file's name.
const longestName = 150

// check refuses flags that do not go together, whatever the files.
func (o *traitFlags) check() error {
	o.chosen = test.Find(o.test)
	trimAll(o.Traits) // of "QT, CASE"
	trimAll(o.Covariates)
	switch {
	case o.chosen == nil:
		return usagef("--test takes %s, not %q", strings.Join(testNames(nil), ", "), o.test)
	case !o.chosen.Covariates && (o.Covar != "" || o.Offset != ""):
		return usagef("--test %s takes no covariates and no offset; use --test %s", o.chosen.Name, o.chosen.Instead)
	case !o.chosen.Models && o.Models:
		return usagef("--model is for --test %s", listed(testNames(takesModels), "or"))
	case len(o.Covariates) > 0 && o.Covar == "":
		return usagef("--covar-name needs --covar")
	case o.Offset != "" && len(o.Traits) > 1:
		return usagef("--offset is for one trait; give one --pheno-name")
	}
	for i, name := range o.Traits {
		if strings.Contains(name, "/") || len(name) > longestName {
			return usagef("--pheno-name %.40q: tables will be named after it, and a file's name has no / and few characters; rename the column", name)
		}
		if slices.Contains(o.Traits[:i], name) {
			return usagef("--pheno-name has %s twice", name)
		}
	}
	for i, name := range o.Covariates {
		if slices.Contains(o.Covariates[:i], name) {
			return usagef("--covar-name has %s twice", name)
		}
	}
	return nil
}

func trimAll(names []string) {
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
}

func (o *traitFlags) run(ctx context.Context, s *session) error {
	job := owner.TraitsJob{Test: o.chosen, TraitsPath: o.out + ".traits", PrivatePath: o.out + ".private"}
	inputs := []string{o.index, o.Path, o.Covar, o.Offset, filepath.Join(o.keys, secretName)}
	outputs := []string{job.TraitsPath, job.PrivatePath}
	if err := o.checkOutputs(outputs, inputs); err != nil {
		return err
	}
	if err := job.Unused(); err != nil {
		return err
	}
	if err := s.begin(o.journal(), outputs...); err != nil {
		return err
	}
	secret, err := loadSecret(ctx, o.keys)
	if err != nil {
		return err
	}
	cohort, err := private.OpenIndex(o.index, format.GWAS)
	if err != nil {
		return err
	}
	defer cohort.Close()
	var sections []private.TraitSection
	err = await(ctx, func() (err error) {
		sections, err = cohort.Sections(job.Test, o.Phenotypes, s.log.Info, s.log.Warn)
		return err
	})
	if err != nil {
		return err
	}
	job.Index, job.Secret, job.Sections = cohort, secret, sections
	before := len(cohort.Checks)
	query, err := job.Run(ctx)
	if err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("encrypted %s into %s (upload) and %s (keep): %s and checks",
		strings.Join(o.Traits, ", "), job.TraitsPath, job.PrivatePath, count(len(query.Columns), "column")), "columns", len(query.Columns))
	warnOfChecks(s.log, o.index, before, len(cohort.Checks), o.out)
	return nil
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
