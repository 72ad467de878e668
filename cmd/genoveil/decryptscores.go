package main

import (
	"fmt"
	"log/slog"
	"math"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/pheno"
	"genoveil/genomics/score"
	"genoveil/pipeline"
)

// scoreTableFlags say how scores become a table.
type scoreTableFlags struct {
	path, covar, covarWeights string
}

func (s *scoreTableFlags) register(f *pflag.FlagSet) {
	f.StringVar(&s.path, "scores", "", "encrypted scores of all samples")
	f.StringVar(&s.covar, "covar", "", "covariate table; with --scores, for the linear predictor")
	f.StringVar(&s.covarWeights, "covar-weights", "", "table of names and weights of covariates; with --scores")
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
	inputs := []string{s.path, s.covar, s.covarWeights, index, filepath.Join(keys, secretName)}
	if err := claim(cmd, []string{out + ".sscore"}, inputs); err != nil {
		return err
	}
	secret, err := loadSecret(cmd.Context(), keys)
	if err != nil {
		return err
	}
	cohort, err := pipeline.OpenIndex(index, pipeline.Score, pipeline.PrivateModel)
	if err != nil {
		return err
	}
	defer cohort.Close()
	var covariates []float64
	err = await(cmd.Context(), func() (err error) {
		covariates, err = s.covariates(log, cohort.Samples)
		return err
	})
	if err != nil {
		return err
	}
	scores, err := pipeline.OpenScores(s.path)
	if err != nil {
		return err
	}
	defer scores.Close()
	d := pipeline.ScoreDecryption{Scores: scores, Index: cohort, Secret: secret, Threads: threads}
	path := out + ".sscore"
	results, err := d.Write(cmd.Context(), path, covariates)
	if err != nil {
		return err
	}
	log.Info(fmt.Sprintf("wrote %s: %s of %s", path, count(len(results), "score"), count(len(cohort.Samples), "sample")), "path", path, "scores", len(results), "samples", len(cohort.Samples))
	return nil
}

// covariates sums each sample's covariates times their weights: NaN where one is
// missing, and nil if there are none.
func (s *scoreTableFlags) covariates(log *slog.Logger, samples []string) ([]float64, error) {
	if s.covar == "" {
		return nil, nil
	}
	weights, err := score.ReadCovariateWeights(s.covarWeights)
	if err != nil {
		return nil, err
	}
	table, err := pheno.Read(s.covar)
	if err != nil {
		return nil, err
	}
	sums := make([]float64, len(samples))
	for _, w := range weights {
		values, err := table.Quantitative(w.Name, samples)
		if err != nil {
			return nil, err
		}
		for i, x := range values {
			sums[i] += w.Weight * x
		}
	}
	without := 0
	for _, x := range sums {
		if math.IsNaN(x) {
			without++
		}
	}
	if without > 0 {
		log.Warn(fmt.Sprintf("%s: %s without a covariate; the linear predictor is NA", s.covar, count(without, "sample")), "file", s.covar, "samples", without)
	}
	return sums, nil
}
