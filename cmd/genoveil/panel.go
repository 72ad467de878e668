package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/owner"
)

// panelFlags say of which cohort to write the variants.
type panelFlags struct {
	outputFlags
	index, build string
}

func newPanel(s *session) *cobra.Command {
	o := new(panelFlags)
	cmd := &cobra.Command{
		Use:   "panel --index FILE -o FILE",
		Short: "Write the list of variants that scoring a cohort needs",
		Long: `Writes the variants of a cohort that was encrypted --for score, as a VCF without
samples. 'genoveil score --panel' needs this list to find the variants of weights.
The list reveals no genotypes. It does reveal which variants the cohort has.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	o.register(cmd.Flags())
	require(cmd, "index", "out")
	return cmd
}

func (o *panelFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.index, "index", "", "the cohort's .index file")
	f.StringVar(&o.build, "build", "", "genome assembly, such as GRCh38; scoring files for a different one are refused")
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE`, a VCF (.vcf or .vcf.gz)")
}

func (o *panelFlags) run(ctx context.Context, s *session) error {
	if err := s.claim(&o.outputFlags, []string{o.out}, []string{o.index}); err != nil {
		return err
	}
	n, err := owner.WritePanel(ctx, o.index, o.out, o.build)
	if err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("wrote %s: %s", o.out, count(n, "variant")), "variants", n)
	return nil
}
