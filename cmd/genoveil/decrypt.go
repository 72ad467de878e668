package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
)

func newDecrypt() *cobra.Command {
	var sumsPath, index, private, keys, out string
	var model bool
	var level float64
	var threads int
	cmd := &cobra.Command{
		Use:   "decrypt --sums FILE --index FILE --private FILE --keys DIR -o NAME",
		Short: "Decrypt sums, check them and write the association table",
		Long: `Decrypts the sums, verifies them against the owner's secret checksums, and writes
NAME.assoc: the table that PLINK 1.9's --assoc would have written from the plaintext
genotypes. With --model also NAME.model, as --model --cell 0 writes it.

If the check fails, nothing is written but the numbers of the blocks concerned.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		// Written such that NaN fails.
		if cmd.Flags().Changed("ci") && !(level >= 0.01 && level < 1) {
			return usagef("--ci takes a level from 0.01 to below 1, such as 0.95")
		}
		secret, err := loadSecret(keys)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenIndex(index)
		if err != nil {
			return err
		}
		defer cohort.Close()
		query, err := pipeline.LoadQuery(private)
		if err != nil {
			return err
		}
		sums, err := pipeline.OpenSums(sumsPath)
		if err != nil {
			return err
		}
		defer sums.Close()
		progress, finish := newProgress(cmd, log, "variants")
		d := pipeline.Decryption{Sums: sums, Index: cohort, Query: query, Secret: secret, Threads: threads, Progress: progress}
		written, err := d.WriteChi2(cmd.Context(), pipeline.Chi2Output{Prefix: out, Model: model, Level: level})
		finish()
		if err != nil {
			return err
		}
		log.Info(fmt.Sprintf("the sums of %s passed the check; wrote %s", count(cohort.Variants, "variant"), strings.Join(written, ", ")), "variants", cohort.Variants)
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&sumsPath, "sums", "", "encrypted sums of all samples")
	f.StringVar(&index, "index", "", "the cohort's .index file")
	f.StringVar(&private, "private", "", "the query's .private file")
	f.StringVar(&keys, "keys", "", "directory with secret.key")
	f.StringVarP(&out, "out", "o", "", "name of the tables")
	f.BoolVar(&model, "model", false, "also write the trend, genotypic, dominant and recessive tests")
	f.Float64Var(&level, "ci", 0, "add the confidence interval of the odds ratio at this level")
	threadsFlag(cmd, &threads)
	require(cmd, "sums", "index", "private", "keys", "out")
	return cmd
}
