//go:build cuda

package cuda_test

import (
	"testing"

	"genoveil/he"
	"genoveil/he/cuda"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

func slowScorer(keys *he.ScoreKeys) (he.Scorer, error) { return reference.NewScorer(keys) }

func fastScorer(keys *he.ScoreKeys) (he.Scorer, error) {
	all, err := devices()
	if err != nil {
		return nil, err
	}
	return cuda.NewScorer(keys, all)
}

func TestScorersAgree(t *testing.T) {
	hetest.ScorersAgree(t, []hetest.ScorerShape{
		{LogN: 10, Primes: 5, Samples: 5, Lanes: 18, Scores: 3},
		{LogN: 11, Primes: 2, Samples: 64, Lanes: 2, Scores: 1},
	}, slowScorer, fastScorer)
}

func TestScorerRefuses(t *testing.T) { hetest.ScorersRefuse(t, 10, slowScorer, fastScorer) }
