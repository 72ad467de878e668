package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
)

func newPanel() *cobra.Command {
	var index, out, build string
	cmd := &cobra.Command{
		Use:   "panel --index FILE -o FILE",
		Short: "Write the variants of a cohort for scoring, for publication",
		Long: `Writes the variants of a cohort that was encrypted --for score as a VCF without
samples: the list that 'genoveil score --panel' needs to find the variants of weights.
It has nothing of the genotypes, but it does say which variants there are.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := claim(cmd, []string{out}, []string{index}); err != nil {
			return err
		}
		n, err := pipeline.WritePanel(cmd.Context(), index, out, build)
		if err != nil {
			return err
		}
		newLog(cmd).Info(fmt.Sprintf("wrote %s: %s", out, count(n, "variant")), "variants", n)
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&index, "index", "", "the cohort's .index file")
	f.StringVar(&build, "build", "", "genome assembly, such as GRCh38; scoring files of another are refused")
	f.StringVarP(&out, "out", "o", "", "output; `FILE`, a VCF (.vcf or .vcf.gz)")
	require(cmd, "index", "out")
	return cmd
}
