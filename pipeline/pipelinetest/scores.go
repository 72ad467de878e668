package pipelinetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
)

// A ScoreWorld is a directory with everything that a client and a server have.
type ScoreWorld struct {
	*World
	Purpose format.Purpose
	Scorer  he.Scorer
	Keys    *he.ScoreKeys
}

// NewScoreWorld has a ring of 128, so that small cohorts have several blocks and
// tiles.
func NewScoreWorld(t *testing.T, purpose format.Purpose, encoding format.Encoding) *ScoreWorld {
	return NewScoreWorldIn(t, 7, purpose, encoding)
}

// NewScoreWorldIn has the ring of degree 2^logN; 13 is what users have.
func NewScoreWorldIn(t *testing.T, logN int, purpose format.Purpose, encoding format.Encoding) *ScoreWorld {
	params := hetest.ScoreParams(t, logN, int64(encoding.Steps()))
	if purpose == format.PrivateModel {
		params = hetest.PrivateModelParams(t, logN, int64(encoding.Steps()))
	}
	secret, keys := hetest.ScoreKeys(t, params.Chain())
	scorer, err := cpu.NewScorer(keys, 2)
	if err != nil {
		t.Fatal(err)
	}
	return &ScoreWorld{World: &World{T: t, Dir: t.TempDir(), Params: params.Params(), Secret: secret}, Purpose: purpose, Scorer: scorer, Keys: keys}
}

func (w *ScoreWorld) Encrypt(source genomics.Source) {
	w.T.Helper()
	job := w.Genotypes(source)
	job.Purpose = w.Purpose
	_, err := job.Run(w.T.Context())
	w.Must(err)
}

// Model is what the server evaluates: the model, encrypted if that is what the
// cohort is for.
func (w *ScoreWorld) Model(m *model.PlainModel) site.ScoreModel {
	w.T.Helper()
	if w.Purpose == format.Score {
		return m
	}
	index, err := private.OpenIndex(w.Path("cohort.index"), format.PrivateModel)
	w.Must(err)
	defer index.Close()
	w.Must(model.EncryptModel(w.T.Context(), w.Path("m.model"), &index.Index, w.Secret, m))
	encrypted, err := model.OpenModel(w.Path("m.model"))
	w.Must(err)
	w.T.Cleanup(func() { encrypted.Close() })
	return encrypted
}

// Job prepares the evaluation of a model into name.scores.
func (w *ScoreWorld) Job(m site.ScoreModel, name string, shard format.Shard) *site.ScoreJob {
	w.T.Helper()
	cohort, err := format.OpenCohort(w.Path("cohort"), w.Purpose)
	w.Must(err)
	return &site.ScoreJob{Cohort: cohort, Model: m, Keys: w.Keys, Scorer: w.Scorer, Shard: shard, Path: w.Path(name + ".scores"), RunKey: w.Path("run.key")}
}

func (w *ScoreWorld) Score(m site.ScoreModel, name string, shard format.Shard) {
	w.T.Helper()
	_, err := w.Job(m, name, shard).Run(w.T.Context())
	w.Must(err)
}

func (w *ScoreWorld) Decrypt(name string) (*format.ScoreDescription, [][]int64, error) {
	w.T.Helper()
	index, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	defer index.Close()
	scores, err := format.OpenScores(w.Path(name + ".scores"))
	if err != nil {
		return nil, nil, err
	}
	defer scores.Close()
	d := owner.ScoreDecryption{Scores: scores, Index: index, Secret: w.Secret, Threads: 2}
	return d.Run(w.T.Context())
}

// RandomModel draws weights for a cohort of so many variants: small ones, and for the
// last score the largest that the set allows.
func RandomModel(r *rand.Rand, params he.ScoreParams, variants, scores int, missing []bool) *model.PlainModel {
	n := params.N()
	m := &model.PlainModel{Weights: map[format.Plane][][][]int64{}, Blocks: (variants + n - 1) / n}
	largest := params.MaxNorm() / int64(2*variants)
	for score := range scores {
		m.Constants = append(m.Constants, r.Int64N(1<<40)-1<<39)
		d := &m.Description
		d.Names = append(d.Names, fmt.Sprint("score", score))
		d.Exponents, d.Weights, d.Intercept = append(d.Exponents, 20+score), append(d.Weights, variants), append(d.Intercept, score == 1)
	}
	for _, plane := range []format.Plane{format.Dosage, format.Missing} {
		for b := range m.Blocks {
			var weights [][]int64
			for score := range scores {
				w := make([]int64, min(n, variants-b*n))
				for j := range w {
					w[j] = r.Int64N(2001) - 1000
					if score == scores-1 {
						w[j] = largest * (2*r.Int64N(2) - 1)
					}
				}
				weights = append(weights, w)
			}
			if plane == format.Missing && !missing[b] {
				weights = nil
			}
			m.Weights[plane] = append(m.Weights[plane], weights)
		}
	}
	return m
}
