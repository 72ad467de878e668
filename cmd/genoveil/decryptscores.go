package main

import (
	"log/slog"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// scoreTableFlags say how scores become a table.
type scoreTableFlags struct {
	path, covar, covarWeights string
}

func (s *scoreTableFlags) register(f *pflag.FlagSet) {
	f.StringVar(&s.path, "scores", "", "encrypted scores of all samples")
	f.StringVar(&s.covar, "covar", "", "scores: covariate table, for the linear predictor")
	f.StringVar(&s.covarWeights, "covar-weights", "", "scores: table of covariates' names and weights")
}

// unused refuses the flags of scores without --scores, and sums that lack something.
func (s *scoreTableFlags) unused(cmd *cobra.Command) error {
	for _, name := range []string{"covar", "covar-weights"} {
		if cmd.Flags().Changed(name) {
			return usagef("--%s needs --scores", name)
		}
	}
	switch f := cmd.Flags(); {
	case !f.Changed("sums"):
		return usagef("give one of --sums and --scores")
	case !f.Changed("private"):
		return usagef("--private is required")
	}
	return nil
}

// check refuses flags that are for sums, and half of what covariates take.
func (s *scoreTableFlags) check(cmd *cobra.Command) error {
	for _, name := range []string{"sums", "private", "model", "ci", "format", "mac", "bgzip", "build"} {
		if cmd.Flags().Changed(name) {
			return usagef("--%s is not for --scores", name)
		}
	}
	if (s.covar == "") != (s.covarWeights == "") {
		return usagef("--covar and --covar-weights need each other")
	}
	return nil
}

func (s *scoreTableFlags) run(cmd *cobra.Command, log *slog.Logger, index, keys, out string, threads int) error {
	if err := s.check(cmd); err != nil {
		return err
	}
	return nil
}
