package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

// TestScorersAgree holds every scorer against the reference: the same residues, bit
// for bit, for random and extreme ciphertexts, keys and weights, several rings, full
// and partial chunks, lanes that make several groups, models in the clear and
// encrypted.
func TestScorersAgree(t *testing.T) {
	for _, shape := range []struct{ logN, primes, samples, lanes, scores int }{
		{6, 5, 1, 1, 1}, {6, 2, 64, 31, 2}, {7, 5, 3, 16, 1}, {8, 6, 63, 2, 3}, {10, 5, 5, 3, 1}, {13, 5, 2, 2, 1},
	} {
		chain := hetest.Chain(shape.logN, shape.primes, 0)
		_, keys := hetest.ScoreKeys(t, chain)
		for _, extreme := range []bool{false, true} {
			if extreme {
				// Every residue of every key at its largest.
				for _, key := range append(slices.Clone(keys.Pack), keys.Relinearize) {
					copy(key, hetest.Residues(nil, slices.Concat(chain.Sums, chain.Switches), len(key)/chain.N(), chain.N(), true))
				}
			}
			slow, err := reference.NewScorer(keys)
			if err != nil {
				t.Fatal(err)
			}
			fast, err := cpu.NewScorer(keys, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, encrypted := range []bool{false, true} {
				t.Run(fmt.Sprintf("N=%d/primes=%d/samples=%d/lanes=%d/scores=%d/extreme=%v/encrypted=%v", chain.N(), shape.primes, shape.samples, shape.lanes, shape.scores, extreme, encrypted), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(shape.logN), 1))
					var chunks []he.Chunk
					weights := make([][][]int64, shape.lanes)
					models := make([][]he.SeededCiphertext, shape.lanes)
					for lane := range shape.lanes {
						chunks = append(chunks, hetest.Chunk(r, chain, shape.samples, extreme))
						for range shape.scores {
							values := make([]int64, chain.N()-lane) // a short lane now and then
							for j := range values {
								values[j] = 1 << 40 * (1 - 2*r.Int64N(2))
								if !extreme {
									values[j] = r.Int64N(1<<41+1) - 1<<40
								}
							}
							weights[lane] = append(weights[lane], values)
							column := hetest.Column(r, chain, extreme)
							models[lane] = append(models[lane], he.SeededCiphertext(column))
						}
					}
					run := func(s he.Scorer) []he.Sum {
						t.Helper()
						prepare := func(from, to int) (he.Weights, error) {
							if encrypted {
								return s.PrepareEncrypted(models[from:to])
							}
							return s.Prepare(weights[from:to])
						}
						// In two parts, so that answers continue from values that are not zero.
						var answers he.Scores
						for _, part := range [][2]int{{0, 1}, {1, shape.lanes}} {
							if part[0] == part[1] {
								continue
							}
							w, err := prepare(part[0], part[1])
							if err != nil {
								t.Fatal(err)
							}
							if w.Lanes() != part[1]-part[0] || w.Scores() != shape.scores {
								t.Fatal("lanes or scores of weights")
							}
							if answers == nil {
								answers = s.NewScores(shape.samples, w)
							}
							if err := s.Add(answers, w, chunks[part[0]:part[1]]); err != nil {
								t.Fatal(err)
							}
						}
						nodes, err := s.Pack(answers)
						if err != nil {
							t.Fatal(err)
						}
						if shape.logN == he.ChunkLevels {
							return nodes
						}
						for _, odd := range []he.Sum{{}, nodes[0]} {
							node, err := s.Join(he.ChunkLevels+1, nodes[len(nodes)-1], odd)
							if err != nil {
								t.Fatal(err)
							}
							nodes = append(nodes, node)
						}
						return nodes
					}
					want, got := run(slow), run(fast)
					for k := range want {
						if want[k].Components != got[k].Components || !slices.Equal(want[k].Residues, got[k].Residues) {
							t.Fatalf("score %d differs from the reference", k)
						}
					}
				})
			}
		}
	}
}

// TestScorerRefuses: what does not fit together is refused before any arithmetic.
func TestScorerRefuses(t *testing.T) {
	chain := hetest.Chain(6, 2, 0)
	_, keys := hetest.ScoreKeys(t, chain)
	slow, err := reference.NewScorer(keys)
	if err != nil {
		t.Fatal(err)
	}
	fast, err := cpu.NewScorer(keys, 1)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range []he.Scorer{slow, fast} {
		for name, weights := range map[string][][][]int64{
			"no lanes": {}, "no scores": {{}}, "too many positions": {{make([]int64, 65)}},
			"ragged scores": {{{1}, {1}}, {{1}}}, "too large": {{{1<<40 + 1}}}, "too small": {{{-1<<40 - 1}}},
		} {
			if _, err := s.Prepare(weights); err == nil {
				t.Errorf("%T: weights with %s were accepted", s, name)
			}
		}
		if _, err := s.PrepareEncrypted([][]he.SeededCiphertext{{{C0: make([]uint32, 5)}}}); err == nil {
			t.Errorf("%T: a short model was accepted", s)
		}
		w, err := s.Prepare([][][]int64{{{1}}})
		if err != nil {
			t.Fatal(err)
		}
		answers := s.NewScores(3, w)
		if err := s.Add(answers, w, nil); err == nil {
			t.Errorf("%T: a lane without a chunk was accepted", s)
		}
		if err := s.Add(answers, w, []he.Chunk{hetest.Chunk(r, chain, 4, false)}); err == nil {
			t.Errorf("%T: a chunk of other samples was accepted", s)
		}
	}
}
