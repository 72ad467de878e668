package owner

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"genoveil/genomics/score"
	"genoveil/he"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// ScoreDecryption turns encrypted scores into exact integers.
type ScoreDecryption struct {
	Scores  *format.Scores
	Index   *private.IndexReader
	Secret  *he.SecretKey
	Threads int
}

// Run returns the answers [score][sample], in units of the description's scales.
func (d *ScoreDecryption) Run(ctx context.Context) (*format.ScoreDescription, [][]int64, error) {
	if err := d.check(); err != nil {
		return nil, nil, err
	}
	s := d.Scores
	description := s.Description
	if description == nil {
		var err error
		if description, err = private.OpenDescription(s.Sealed, d.Secret, s.Cohort); err == nil {
			err = description.Validate(s.Scores)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", s.File.Name(), err)
		}
	}
	decryptor, err := he.NewScoreDecryptor(s.Params, d.Secret)
	if err != nil {
		return nil, nil, err
	}
	answers := make([][]int64, s.Scores)
	for i := range answers {
		answers[i] = make([]int64, s.Samples)
	}
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(d.Threads)
	for _, tile := range s.Tiles() {
		for score := range answers {
			tasks.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				sum, err := s.Read(format.SumEntry{Batch: tile, Column: score})
				if err != nil {
					return err
				}
				from, to := s.TileRange(tile)
				values, err := decryptor.Decode(sum, to-from)
				if errors.Is(err, he.ErrDamaged) {
					return fmt.Errorf("%s: check failed: these are not scores of this cohort. Nothing was written. Do not tell the server before you have read \"Forged scores\" in docs/scoring.md", s.File.Name())
				}
				copy(answers[score][from:], values)
				return err
			})
		}
	}
	return description, answers, tasks.Wait()
}

// Write decrypts and writes the table of PLINK 2's .sscore. covariates, one number a
// sample, are added in the linear predictor unless nil.
func (d *ScoreDecryption) Write(ctx context.Context, path string, covariates []float64) ([]score.Result, error) {
	description, answers, err := d.Run(ctx)
	if err != nil {
		return nil, err
	}
	var results []score.Result
	for i, name := range description.Names {
		r := score.Result{Name: name, Weights: description.Weights[i], Intercept: description.Intercept[i], Covariates: covariates}
		fixed := score.Fixed{Exponent: description.Exponents[i], Steps: d.Index.Genotypes.Steps()}
		for _, x := range answers[i] {
			r.Sums = append(r.Sums, fixed.Value(x))
		}
		results = append(results, r)
	}
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Abort()
	if err := score.WriteTable(f, d.Index.Samples, results); err != nil {
		return nil, err
	}
	return results, f.Commit()
}

// check refuses files that do not belong together, and incomplete scores.
func (d *ScoreDecryption) check() error {
	s, name := d.Scores, d.Scores.File.Name()
	switch {
	case s.Cohort != d.Index.Cohort:
		return fmt.Errorf("%s: comes from a different cohort than %s", name, d.Index.Path)
	case format.NewKeyID(d.Secret.ID()) != d.Index.KeyID:
		return fmt.Errorf("the secret key is not the one that the cohort was encrypted with (key %s, cohort %s)", format.NewKeyID(d.Secret.ID()), d.Index.KeyID)
	case !s.Params.Params().Equal(d.Index.Params) || s.Samples != len(d.Index.Samples) || (s.Description == nil) != (d.Index.Purpose == format.PrivateModel):
		return fmt.Errorf("%s: does not have the shape of the cohort", name)
	}
	if missing := s.Missing(); missing != "" {
		return fmt.Errorf("%s: %s; merge the missing shards first", name, missing)
	}
	return nil
}
