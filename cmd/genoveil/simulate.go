package main

import (
	"context"
	"fmt"
	"io"

	"github.com/biogo/hts/bgzf"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/simulate"
)

// simulateFlags say what to simulate.
type simulateFlags struct {
	outputFlags
	options simulate.Options
	dosage  bool
}

func newSimulate(s *session) *cobra.Command {
	o := new(simulateFlags)
	cmd := &cobra.Command{
		Use:   "simulate [--samples N] [--variants M] -o PREFIX",
		Short: "Simulate a cohort: VCF, traits, covariates, causal variants",
		Long: `Writes PREFIX.vcf.gz, PREFIX.pheno.txt (CASE and QT), PREFIX.covar.txt and
PREFIX.causal.txt. The cohort has realistic allele frequencies, linkage disequilibrium
between neighbours, missing calls and causal variants. The same options and seed give
the same bytes everywhere.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	o.register(cmd.Flags())
	require(cmd, "out")
	return cmd
}

func (o *simulateFlags) register(f *pflag.FlagSet) {
	registerSimulation(f, &o.options)
	f.BoolVar(&o.dosage, "dosage", false, "for imputed dosages; adds them (DS) to the VCF")
	f.StringVarP(&o.out, "out", "o", "", "output; `PREFIX` of the files")
}

// registerSimulation adds the flags that 'demo' has, too.
func registerSimulation(f *pflag.FlagSet, o *simulate.Options) {
	f.IntVar(&o.Samples, "samples", 500, "number of samples")
	f.IntVar(&o.Variants, "variants", 10000, "number of variants")
	f.Float64Var(&o.Missing, "missing", 0.01, "share of missing calls")
	f.IntVar(&o.Causal, "causal", 5, "number of causal variants")
	f.Float64Var(&o.Heritability, "heritability", 0.3, "share of the traits' variance that the causal variants explain")
	f.IntVar(&o.Covariates, "covariates", 4, "number of covariates")
	f.Float64Var(&o.CaseFraction, "cases", 0.4, "share of cases")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the random numbers")
}

// check has nothing explained where nothing is causal.
func (o *simulateFlags) check(f *pflag.FlagSet) error {
	if !f.Changed("heritability") && o.options.Causal == 0 {
		o.options.Heritability = 0
	}
	return nil
}

func (o *simulateFlags) run(ctx context.Context, s *session) error {
	cohort, err := simulate.New(o.options)
	if err != nil {
		return usageError{err}
	}
	if err := s.claim(&o.outputFlags, withSuffixes(o.out, ".vcf.gz", ".pheno.txt", ".covar.txt", ".causal.txt"), nil); err != nil {
		return err
	}
	if err := o.writeGenotypes(ctx, cohort); err != nil {
		return err
	}
	if err := o.writeTraits(ctx, cohort); err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("simulated %s of %s: %s.vcf.gz, %s.pheno.txt, …", count(o.options.Variants, "variant"), count(o.options.Samples, "sample"), o.out, o.out))
	return nil
}

func (o *simulateFlags) writeGenotypes(ctx context.Context, cohort *simulate.Cohort) error {
	return computeFile(ctx, o.out+".vcf.gz", func(w io.Writer) error {
		z := bgzf.NewWriter(w, 2)
		var err error
		if o.dosage {
			err = simulate.WriteDosageVCF(z, cohort.Impute(), cohort.Meta())
		} else {
			err = simulate.WriteVCF(z, cohort, cohort.Meta())
		}
		if err != nil {
			return err
		}
		return z.Close()
	})
}

func (o *simulateFlags) writeTraits(ctx context.Context, cohort *simulate.Cohort) error {
	var traits *simulate.Traits
	err := await(ctx, func() (err error) {
		traits, err = cohort.Traits()
		return err
	})
	if err != nil {
		return err
	}
	if err := computeFile(ctx, o.out+".pheno.txt", traits.WritePhenotypes); err != nil {
		return err
	}
	if o.options.Covariates > 0 {
		if err := computeFile(ctx, o.out+".covar.txt", traits.WriteCovariates); err != nil {
			return err
		}
	}
	return computeFile(ctx, o.out+".causal.txt", traits.WriteCausal)
}
