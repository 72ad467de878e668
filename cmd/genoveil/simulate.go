package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/biogo/hts/bgzf"
	"github.com/spf13/cobra"

	"genoveil/genomics/simulate"
	"genoveil/pipeline/atomicfile"
)

func newSimulate() *cobra.Command {
	var o simulate.Options
	var out string
	var dosage bool
	cmd := &cobra.Command{
		Use:   "simulate --samples N --variants M -o PREFIX",
		Short: "Simulate a cohort: VCF, traits, covariates, causal variants",
		Long: `Writes PREFIX.vcf.gz, PREFIX.pheno.txt (CASE and QT), PREFIX.covar.txt and
PREFIX.causal.txt, with realistic allele frequencies, linkage disequilibrium between
neighbours, missing calls and causal variants. The same options and seed give the
same bytes everywhere.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if !cmd.Flags().Changed("heritability") && o.Causal == 0 {
			o.Heritability = 0
		}
		cohort, err := simulate.New(o)
		if err != nil {
			return usageError{err}
		}
		if err := claim(cmd, withSuffixes(out, ".vcf.gz", ".pheno.txt", ".covar.txt", ".causal.txt"), nil); err != nil {
			return err
		}
		if err := writeSimulated(cmd.Context(), cohort, out, o.Covariates > 0, dosage); err != nil {
			return err
		}
		log.Info(fmt.Sprintf("simulated %s of %s: %s.vcf.gz, %s.pheno.txt, …", count(o.Variants, "variant"), count(o.Samples, "sample"), out, out))
		return nil
	}
	simulateFlags(cmd, &o)
	cmd.Flags().BoolVar(&dosage, "dosage", false, "for imputed dosages; adds them (DS) to the VCF")
	cmd.Flags().StringVarP(&out, "out", "o", "", "output; `PREFIX` of the files")
	require(cmd, "samples", "variants", "out")
	return cmd
}

func simulateFlags(cmd *cobra.Command, o *simulate.Options) {
	f := cmd.Flags()
	f.IntVar(&o.Samples, "samples", 500, "number of samples")
	f.IntVar(&o.Variants, "variants", 10000, "number of variants")
	f.Float64Var(&o.Missing, "missing", 0.01, "share of missing calls")
	f.IntVar(&o.Causal, "causal", 5, "number of causal variants")
	f.Float64Var(&o.Heritability, "heritability", 0.3, "share of the traits' variance that they explain")
	f.IntVar(&o.Covariates, "covariates", 4, "number of covariates")
	f.Float64Var(&o.CaseFraction, "cases", 0.4, "share of cases")
	f.Uint64Var(&o.Seed, "seed", 1, "seed")
}

// writeSimulated writes all files of a simulated cohort.
func writeSimulated(ctx context.Context, cohort *simulate.Cohort, prefix string, covariates, dosage bool) error {
	err := computeFile(ctx, prefix+".vcf.gz", func(w io.Writer) error {
		z := bgzf.NewWriter(w, 2)
		var err error
		if dosage {
			err = simulate.WriteDosageVCF(z, cohort.Impute(), cohort.Meta())
		} else {
			err = simulate.WriteVCF(z, cohort, cohort.Meta())
		}
		if err != nil {
			return err
		}
		return z.Close()
	})
	if err != nil {
		return err
	}
	var traits *simulate.Traits
	err = await(ctx, func() (err error) {
		traits, err = cohort.Traits()
		return err
	})
	if err != nil {
		return err
	}
	if err := computeFile(ctx, prefix+".pheno.txt", traits.WritePhenotypes); err != nil {
		return err
	}
	if covariates {
		if err := computeFile(ctx, prefix+".covar.txt", traits.WriteCovariates); err != nil {
			return err
		}
	}
	return computeFile(ctx, prefix+".causal.txt", traits.WriteCausal)
}

// computeFile is writeFile of what is computed from memory, unless ctx ends before.
func computeFile(ctx context.Context, path string, write func(io.Writer) error) error {
	return writeFile(path, 0o666, func(w io.Writer) error { return await(ctx, func() error { return write(w) }) })
}

// writeFile writes a file that appears only when it is complete.
func writeFile(path string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := atomicfile.Create(path, mode)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := write(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Commit()
}
