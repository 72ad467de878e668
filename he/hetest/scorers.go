package hetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
)

// A ScorerShape is a ring and sizes to compare scorers in.
type ScorerShape struct{ LogN, Primes, Samples, Lanes, Scores int }

// NewScorer makes a scorer for keys.
type NewScorer func(*he.ScoreKeys) (he.Scorer, error)

// ScorersAgree holds a scorer against the reference: the same residues, bit for bit, for
// random and extreme ciphertexts, keys and weights, several rings, full and partial
// chunks, lanes that make several groups, models in the clear and encrypted.
func ScorersAgree(t *testing.T, shapes []ScorerShape, slow, fast NewScorer) {
	for _, shape := range shapes {
		chain := Chain(shape.LogN, shape.Primes, 0)
		_, keys := ScoreKeys(t, chain)
		for _, extreme := range []bool{false, true} {
			if extreme {
				// Every residue of every key at its largest.
				for _, key := range append(slices.Clone(keys.Pack), keys.Relinearize) {
					copy(key, Residues(nil, slices.Concat(chain.Sums, chain.Switches), len(key)/chain.N(), chain.N(), true))
				}
			}
			slow, err := slow(keys)
			if err != nil {
				t.Fatal(err)
			}
			fast, err := fast(keys)
			if err != nil {
				t.Fatal(err)
			}
			for _, encrypted := range []bool{false, true} {
				t.Run(fmt.Sprintf("N=%d/primes=%d/samples=%d/lanes=%d/scores=%d/extreme=%v/encrypted=%v", chain.N(), shape.Primes, shape.Samples, shape.Lanes, shape.Scores, extreme, encrypted), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(shape.LogN), 1))
					var chunks []he.EncryptedChunk
					weights := make([][][]int64, shape.Lanes)
					models := make([][]he.SeededCiphertext, shape.Lanes)
					for lane := range shape.Lanes {
						chunks = append(chunks, EncryptedChunk(r, chain, shape.Samples, extreme))
						for range shape.Scores {
							values := make([]int64, chain.N()-lane) // a short lane now and then
							for j := range values {
								values[j] = 1 << 40 * (1 - 2*r.Int64N(2))
								if !extreme {
									values[j] = r.Int64N(1<<41+1) - 1<<40
								}
							}
							weights[lane] = append(weights[lane], values)
							column := Column(r, chain, extreme)
							models[lane] = append(models[lane], column)
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
						for _, part := range [][2]int{{0, 1}, {1, shape.Lanes}} {
							if part[0] == part[1] {
								continue
							}
							w, err := prepare(part[0], part[1])
							if err != nil {
								t.Fatal(err)
							}
							if w.Lanes() != part[1]-part[0] || w.Scores() != shape.Scores {
								t.Fatal("lanes or scores of weights")
							}
							if answers == nil {
								answers = s.NewScores(shape.Samples, w)
							}
							var counting []he.Chunk
							var once []func(testing.TB, int)
							for _, chunk := range chunks[part[0]:part[1]] {
								c, f := checked(chain, chunk)
								counting, once = append(counting, c), append(once, f)
							}
							if err := s.Add(answers, w, counting); err != nil {
								t.Fatal(err)
							}
							for _, f := range once {
								f(t, 1)
							}
						}
						nodes, err := s.Pack(answers)
						if err != nil {
							t.Fatal(err)
						}
						if shape.LogN == he.ChunkLevels {
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

// ScorersRefuse: what does not fit together is refused before any arithmetic.
func ScorersRefuse(t *testing.T, logN int, slow, fast NewScorer) {
	chain := Chain(logN, 2, 0)
	_, keys := ScoreKeys(t, chain)
	first, err := slow(keys)
	if err != nil {
		t.Fatal(err)
	}
	second, err := fast(keys)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for _, s := range []he.Scorer{first, second} {
		for name, weights := range map[string][][][]int64{
			"no lanes": {}, "no scores": {{}}, "too many positions": {{make([]int64, chain.N()+1)}},
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
		if err := s.Add(answers, w, []he.Chunk{Chunk(r, chain, 4, false)}); err == nil {
			t.Errorf("%T: a chunk of other samples was accepted", s)
		}
	}
}
