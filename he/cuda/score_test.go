//go:build cuda

package cuda_test

import (
	"math/rand/v2"
	"testing"

	"genoveil/gpu"
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

// A scoreStudy is what a scorer is given in several calls.
type scoreStudy struct {
	chain   he.Chain
	keys    *he.ScoreKeys
	chunks  []he.Chunk
	weights [][][]int64
	models  [][]he.SeededCiphertext
}

func newScoreStudy(t *testing.T) scoreStudy {
	chain := hetest.Chain(10, 2, 0)
	_, keys := hetest.ScoreKeys(t, chain)
	r := rand.New(rand.NewPCG(9, 2))
	s := scoreStudy{chain: chain, keys: keys}
	for range 3 {
		s.chunks = append(s.chunks, hetest.Chunk(r, chain, 3, false))
		s.weights = append(s.weights, [][]int64{{1, -2, 3}, {4}})
		s.models = append(s.models, []he.SeededCiphertext{hetest.Column(r, chain, false), hetest.Column(r, chain, false)})
	}
	return s
}

// answers are the nodes of two scores in the clear and of two encrypted ones, and two of
// them joined.
func (s scoreStudy) answers(devices []*gpu.Device) ([][]uint32, error) {
	e, err := cuda.NewScorer(s.keys, devices)
	if err != nil {
		return nil, err
	}
	var all [][]uint32
	for _, prepare := range []func() (he.Weights, error){
		func() (he.Weights, error) { return e.Prepare(s.weights) },
		func() (he.Weights, error) { return e.PrepareEncrypted(s.models) },
	} {
		w, err := prepare()
		if err != nil {
			return nil, err
		}
		scores := e.NewScores(3, w)
		for range 2 {
			if err := e.Add(scores, w, s.chunks); err != nil {
				return nil, err
			}
		}
		nodes, err := e.Pack(scores)
		if err != nil {
			return nil, err
		}
		node, err := e.Join(he.ChunkLevels+1, nodes[0], nodes[1])
		if err != nil {
			return nil, err
		}
		for _, sum := range append(nodes, node) {
			all = append(all, sum.Residues)
		}
	}
	return all, nil
}
