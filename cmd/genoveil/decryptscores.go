package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"genoveil/genomics/pheno"
	"genoveil/genomics/score"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
)

// scoreTableFlags say how scores become a table.
type scoreTableFlags struct {
	path, covar, covarWeights string
}

func (t *scoreTableFlags) register(f *pflag.FlagSet) {
	f.StringVar(&t.path, "scores", "", "encrypted scores of all samples")
	f.StringVar(&t.covar, "covar", "", "covariate table; with --scores, for the linear predictor")
	f.StringVar(&t.covarWeights, "covar-weights", "", "table of names and weights of covariates; with --scores")
}

// unused refuses the flags of scores without --scores, and sums that lack something.
func (t *scoreTableFlags) unused(f *pflag.FlagSet) error {
	for _, name := range []string{"covar", "covar-weights"} {
		if f.Changed(name) {
			return usagef("--%s needs --scores", name)
		}
	}
	switch {
	case !f.Changed("sums"):
		return usagef("give one of --sums and --scores")
	case !f.Changed("private"):
		return usagef("--private is required")
	}
	return nil
}

// check refuses flags that are for sums, and half of what covariates take.
func (t *scoreTableFlags) check(f *pflag.FlagSet) error {
	for _, name := range []string{"sums", "private", "model", "ci", "format", "mac", "bgzip", "build"} {
		if f.Changed(name) {
			return usagef("--%s is not for --scores", name)
		}
	}
	if (t.covar == "") != (t.covarWeights == "") {
		return usagef("--covar and --covar-weights go together")
	}
	return nil
}

// run writes the table of scores.
func (t *scoreTableFlags) run(ctx context.Context, s *session, o *taskFlags, index, keys string) error {
	path := o.out + ".sscore"
	inputs := []string{t.path, t.covar, t.covarWeights, index, filepath.Join(keys, secretName)}
	if err := s.claim(&o.outputFlags, []string{path}, inputs); err != nil {
		return err
	}
	secret, err := loadSecret(ctx, keys)
	if err != nil {
		return err
	}
	cohort, err := private.OpenIndex(index, format.Score, format.PrivateModel)
	if err != nil {
		return err
	}
	defer cohort.Close()
	var covariates []float64
	err = await(ctx, func() (err error) {
		covariates, err = t.covariates(s.log, cohort.Samples)
		return err
	})
	if err != nil {
		return err
	}
	scores, err := format.OpenScores(t.path)
	if err != nil {
		return err
	}
	defer scores.Close()
	d := owner.ScoreDecryption{Scores: scores, Index: cohort, Secret: secret, Threads: o.threads}
	results, err := d.Write(ctx, path, covariates)
	if err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("wrote %s: %s of %s", path, count(len(results), "score"), count(len(cohort.Samples), "sample")), "path", path, "scores", len(results), "samples", len(cohort.Samples))
	return nil
}

// covariates sums each sample's covariates times their weights: NaN where one is
// missing, and nil if there are none.
func (t *scoreTableFlags) covariates(log *slog.Logger, samples []string) ([]float64, error) {
	if t.covar == "" {
		return nil, nil
	}
	weights, err := score.ReadCovariateWeights(t.covarWeights)
	if err != nil {
		return nil, err
	}
	table, err := pheno.Read(t.covar)
	if err != nil {
		return nil, err
	}
	sums := make([]float64, len(samples))
	for _, w := range weights {
		if name, level, ok := strings.Cut(w.Name, "="); ok && !slices.Contains(table.Columns(), w.Name) && slices.Contains(table.Columns(), name) {
			return nil, fmt.Errorf("%s has no column %.40q; add it, with 1 for the samples whose %s is %s and 0 for the others", t.covar, w.Name, name, level)
		}
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
		log.Warn(fmt.Sprintf("%s: %s without a covariate; the linear predictor is NA", t.covar, count(without, "sample")), "file", t.covar, "samples", without)
	}
	return sums, nil
}
