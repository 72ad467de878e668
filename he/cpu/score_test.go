package cpu_test

import (
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

func slowScorer(keys *he.ScoreKeys) (he.Scorer, error) { return reference.NewScorer(keys) }
func fastScorer(keys *he.ScoreKeys) (he.Scorer, error) { return cpu.NewScorer(keys, 2) }

func TestScorersAgree(t *testing.T) {
	hetest.ScorersAgree(t, []hetest.ScorerShape{
		{LogN: 6, Primes: 5, Samples: 1, Lanes: 1, Scores: 1},
		{LogN: 6, Primes: 2, Samples: 64, Lanes: 31, Scores: 2},
		{LogN: 7, Primes: 5, Samples: 3, Lanes: 16, Scores: 1},
		{LogN: 8, Primes: 6, Samples: 63, Lanes: 2, Scores: 3},
		{LogN: 10, Primes: 5, Samples: 5, Lanes: 3, Scores: 1},
		{LogN: 13, Primes: 5, Samples: 2, Lanes: 2, Scores: 1},
	},
		slowScorer, fastScorer)
}

func TestScorerRefuses(t *testing.T) { hetest.ScorersRefuse(t, 6, slowScorer, fastScorer) }
