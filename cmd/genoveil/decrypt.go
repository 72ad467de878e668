package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/test"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
)

// decryptFlags say what to decrypt, and which tables to write.
type decryptFlags struct {
	taskFlags
	scores                     scoreTableFlags
	sums, index, private, keys string
	tables                     test.Output
}

func newDecrypt(s *session) *cobra.Command {
	o := new(decryptFlags)
	cmd := &cobra.Command{
		Use:   "decrypt (--sums FILE --private FILE | --scores FILE) --index FILE --keys DIR -o PREFIX",
		Short: "Decrypt sums or scores and write the table",
		Long: `Decrypts the sums of a query and checks that the compute site computed them rightly. It
then writes the tables of the query's test:

` + describeTests(func(t *test.Test) string { return t.Results }) + `
If the check fails, no table is written, but PREFIX.check-failed. That file says where
the sums are wrong. It is as secret as the key.

Scores: --scores decrypts what 'genoveil score' computed. It writes PREFIX.sscore, as PLINK
2's --score does. Give --covar and --covar-weights, a table of names and weights, to
add covariates to the scores. The table then also has the linear predictor and its
probability.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return o.timed(cmd, s, func(ctx context.Context, s *session) error {
			if o.scores.path != "" {
				return o.scores.run(ctx, s, &o.taskFlags, o.index, o.keys)
			}
			return o.run(ctx, s, cmd.Flags())
		})
	}
	o.register(cmd.Flags())
	require(cmd, "index", "keys", "out")
	return cmd
}

func (o *decryptFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.sums, "sums", "", "encrypted sums of all samples")
	f.StringVar(&o.index, "index", "", "the cohort's .index file")
	f.StringVar(&o.private, "private", "", "the query's .private file")
	f.StringVar(&o.keys, "keys", "", "directory with secret.key")
	f.StringVarP(&o.out, "out", "o", "", "output; `PREFIX` of the tables")
	f.BoolVar(&o.tables.Models, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test "+withOption("model"))
	f.Float64Var(&o.tables.Level, "ci", 0, "level of the confidence interval of the odds ratio, such as 0.95; "+withOption("ci"))
	f.StringVar(&o.tables.Format, "format", "plink", "format of tables of "+withOption("format")+"; plink, regenie or ssf")
	f.Float64Var(&o.tables.MinAlleles, "mac", 0, "least number of copies of the rarer allele; "+withOption("mac"))
	f.BoolVar(&o.tables.Compress, "bgzip", false, "compress tables with BGZF, and index with tabix where the format allows; "+withOption("bgzip"))
	f.StringVar(&o.tables.Build, "build", "", "genome assembly, such as GRCh38; for the metadata of --format ssf")
	o.scores.register(f)
	o.taskFlags.register(f)
}

// check refuses flags that make no sense, whatever the files. Comparisons are written such
// that NaN fails.
func (o *decryptFlags) check(f *pflag.FlagSet) error {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	if o.scores.path != "" {
		return o.scores.check(f)
	}
	if err := o.scores.unused(f); err != nil {
		return err
	}
	if f.Changed("ci") && !(o.tables.Level >= 0.01 && o.tables.Level < 1) {
		return usagef("--ci takes a level from 0.01 to below 1, such as 0.95")
	}
	o.tables.Prefix = o.out
	if err := o.tables.Check(); err != nil {
		return usageError{err}
	}
	return nil
}

// run decrypts sums and writes their tables.
func (o *decryptFlags) run(ctx context.Context, s *session, f *pflag.FlagSet) error {
	query, err := private.LoadQuery(o.private)
	if err != nil {
		return err
	}
	if err := suits(f, test.Find(query.Test)); err != nil {
		return err
	}
	tables, err := query.Tables(o.tables)
	if err != nil {
		return err
	}
	report := o.out + ".check-failed"
	inputs := []string{o.sums, o.index, o.private, filepath.Join(o.keys, secretName)}
	if err := s.claim(&o.outputFlags, append(owner.ResultFiles(tables), report), inputs); err != nil {
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
	sums, err := format.OpenSums(o.sums)
	if err != nil {
		return err
	}
	defer sums.Close()
	progress, finish := s.progress("variants")
	d := owner.Decryption{Sums: sums, Index: cohort, Query: query, Secret: secret, Threads: o.threads, Report: report, Progress: progress}
	rows, err := d.Results(ctx, tables)
	finish()
	if err != nil {
		return err
	}
	passed := fmt.Sprintf("the sums of %s passed the check", count(cohort.Variants, "variant"))
	if whole := withoutSummary(tables, rows); whole != nil {
		passed += "; wrote " + strings.Join(whole, ", ")
	}
	s.log.Info(passed, "variants", cohort.Variants)
	if !o.tables.Models && query.HasModels() {
		s.log.Info("the query has the tests of --model, too; give --model for the table")
	}
	for _, r := range rows {
		if text, attributes := r.Summary(); text != "" {
			s.log.Info(text, attributes...)
		}
	}
	return nil
}

// suits refuses flags that are for another test than the query's.
func suits(f *pflag.FlagSet, t *test.Test) error {
	for _, other := range test.All {
		for _, name := range other.Options {
			if f.Changed(name) && !slices.Contains(t.Options, name) {
				return usagef("--%s is not for --test %s, which this query is", name, t.Name)
			}
		}
	}
	return nil
}

// withoutSummary lists the tables with a row for every variant, of which there is no more
// to say.
func withoutSummary(tables []test.Table, rows []test.Rows) []string {
	var paths []string
	for i, r := range rows {
		if text, _ := r.Summary(); text == "" {
			paths = append(paths, tables[i].Path)
		}
	}
	return paths
}
