package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/genomics/test"
	"genoveil/pipeline"
)

func newDecrypt() *cobra.Command {
	var sumsPath, index, private, keys string
	var out test.Output
	var scores scoreTableFlags
	var threads int
	cmd := &cobra.Command{
		Use:   "decrypt (--sums FILE --private FILE | --scores FILE) --index FILE --keys DIR -o PREFIX",
		Short: "Decrypt sums or scores and write the table",
		Long: `Decrypts the sums, verifies them against the owner's secret checksums, and writes
the tables of the query's test:

` + describeTests(func(t *test.Test) string { return t.Results }) + `
If the check fails, no table is written, only PREFIX.check-failed. That file says where
the sums are wrong. It is as secret as the key.

With --scores, decrypts the answers of 'genoveil score' into PREFIX.sscore, as PLINK 2's
--score writes it. --covar and --covar-weights (a table of names and weights) add the
client's own part to the linear predictor, which is written with its probability.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if scores.path != "" {
			return scores.run(cmd, log, index, keys, out.Prefix, threads)
		}
		if err := scores.unused(cmd); err != nil {
			return err
		}
		if err := checkResults(cmd, &out); err != nil {
			return err
		}
		query, err := pipeline.LoadQuery(private)
		if err != nil {
			return err
		}
		if err := suits(cmd, test.Find(query.Test)); err != nil {
			return err
		}
		tables, err := query.Tables(out)
		if err != nil {
			return err
		}
		report := out.Prefix + ".check-failed"
		if err := claim(cmd, append(pipeline.ResultFiles(tables), report), []string{sumsPath, index, private, filepath.Join(keys, secretName)}); err != nil {
			return err
		}
		secret, err := loadSecret(cmd.Context(), keys)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenIndex(index, pipeline.GWAS)
		if err != nil {
			return err
		}
		defer cohort.Close()
		sums, err := pipeline.OpenSums(sumsPath)
		if err != nil {
			return err
		}
		defer sums.Close()
		progress, finish := newProgress(cmd, log, "variants")
		d := pipeline.Decryption{Sums: sums, Index: cohort, Query: query, Secret: secret, Threads: threads, Report: report, Progress: progress}
		rows, err := d.Results(cmd.Context(), tables)
		finish()
		if err != nil {
			return err
		}
		passed := fmt.Sprintf("the sums of %s passed the check", count(cohort.Variants, "variant"))
		if whole := withoutSummary(tables, rows); whole != nil {
			passed += "; wrote " + strings.Join(whole, ", ")
		}
		log.Info(passed, "variants", cohort.Variants)
		for _, r := range rows {
			if text, attributes := r.Summary(); text != "" {
				log.Info(text, attributes...)
			}
		}
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&sumsPath, "sums", "", "encrypted sums of all samples")
	f.StringVar(&index, "index", "", "the cohort's .index file")
	f.StringVar(&private, "private", "", "the query's .private file")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out.Prefix, "out", "o", "", "output; `PREFIX` of the tables")
	f.BoolVar(&out.Models, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test "+withOption("model"))
	f.Float64Var(&out.Level, "ci", 0, "level of the confidence interval of the odds ratio, such as 0.95; "+withOption("ci"))
	f.StringVar(&out.Format, "format", "plink", "format of tables of "+withOption("format")+"; plink, regenie or ssf")
	f.Float64Var(&out.MinAlleles, "mac", 0, "least number of copies of the rarer allele; "+withOption("mac"))
	f.BoolVar(&out.Compress, "bgzip", false, "compress tables with BGZF, and index with tabix where the format allows; "+withOption("bgzip"))
	f.StringVar(&out.Build, "build", "", "genome assembly, such as GRCh38; for the metadata of --format ssf")
	scores.register(f)
	threadsFlag(cmd, &threads)
	require(cmd, "index", "keys", "out")
	return cmd
}

// checkResults refuses values that make no sense, whatever the files. Comparisons are
// written such that NaN fails.
func checkResults(cmd *cobra.Command, out *test.Output) error {
	if cmd.Flags().Changed("ci") && !(out.Level >= 0.01 && out.Level < 1) {
		return usagef("--ci takes a level from 0.01 to below 1, such as 0.95")
	}
	if err := out.Check(); err != nil {
		return usageError{err}
	}
	return nil
}

// suits refuses flags that are for another test than the query's.
func suits(cmd *cobra.Command, t *test.Test) error {
	for _, other := range test.All {
		for _, name := range other.Options {
			if cmd.Flags().Changed(name) && !slices.Contains(t.Options, name) {
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
