package reference

import (
	"fmt"
	"math/big"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"

	"genoveil/he"
)

// A Scorer is he.Scorer on Lattigo's evaluator.
type Scorer struct {
	chain     he.Chain
	params    rlwe.Parameters
	ringQ     *ring.Ring
	evaluator *rlwe.Evaluator
}

// NewScorer prepares a scorer for the keys.
func NewScorer(keys *he.ScoreKeys) (*Scorer, error) {
	params, set, err := keys.Lattigo()
	if err != nil {
		return nil, err
	}
	return &Scorer{keys.Chain, params, params.RingQ().AtLevel(len(keys.Chain.Sums) - 1), rlwe.NewEvaluator(params, set)}, nil
}

// weights holds polynomials [lane][score][component], times 1/N. A model in the clear has one component.
type weights [][][]ring.Poly

func (w weights) Lanes() int  { return len(w) }
func (w weights) Scores() int { return len(w[0]) }

// Prepare transforms weights.
func (e *Scorer) Prepare(lanes [][][]int64) (he.Weights, error) {
	if err := e.chain.CheckWeights(lanes); err != nil {
		return nil, err
	}
	var w weights
	for _, lane := range lanes {
		var scores [][]ring.Poly
		for _, values := range lane {
			poly := e.ringQ.NewPoly()
			var coefficients []*big.Int
			for _, x := range he.WeightPolynomial(values, e.chain.N()) {
				coefficients = append(coefficients, big.NewInt(x))
			}
			e.ringQ.SetCoefficientsBigint(coefficients, poly)
			e.ringQ.NTT(poly, poly)
			scores = append(scores, []ring.Poly{e.scaled(poly)})
		}
		w = append(w, scores)
	}
	return w, nil
}

// PrepareEncrypted loads encrypted models.
func (e *Scorer) PrepareEncrypted(models [][]he.SeededCiphertext) (he.Weights, error) {
	if err := e.chain.CheckModels(models); err != nil {
		return nil, err
	}
	n := e.chain.N()
	var w weights
	for _, lane := range models {
		var scores [][]ring.Poly
		for _, model := range lane {
			c := []ring.Poly{e.ringQ.NewPoly(), e.ringQ.NewPoly()}
			for l, q := range e.chain.Sums {
				for j, x := range model.C0[l*n:][:n] {
					c[0].Coeffs[l][j] = uint64(x)
				}
				copy(c[1].Coeffs[l], uniform(model.Seed, 0, l, n, q))
			}
			scores = append(scores, []ring.Poly{e.scaled(c[0]), e.scaled(c[1])})
		}
		w = append(w, scores)
	}
	return w, nil
}

// scaled is poly times 1/N, which doubling at every level undoes.
func (e *Scorer) scaled(poly ring.Poly) ring.Poly {
	inverse := new(big.Int).ModInverse(big.NewInt(int64(e.chain.N())), e.ringQ.ModulusAtLevel[e.ringQ.Level()])
	e.ringQ.MulScalarBigint(poly, inverse, poly)
	return poly
}

type scores [][]*rlwe.Ciphertext // [score][sample]

func (s scores) Samples() int { return len(s[0]) }

// NewScores starts answers at zero.
func (e *Scorer) NewScores(samples int, w he.Weights) he.Scores {
	s := make(scores, w.Scores())
	for k := range s {
		for range samples {
			ct := rlwe.NewCiphertext(e.params, len(w.(weights)[0][0]), e.ringQ.Level())
			ct.IsNTT = true
			s[k] = append(s[k], ct)
		}
	}
	return s
}

// Add adds lane by lane and sample by sample.
func (e *Scorer) Add(answers he.Scores, prepared he.Weights, chunks []he.Chunk) error {
	s, w := answers.(scores), prepared.(weights)
	if len(chunks) != len(w) {
		return fmt.Errorf("%d chunks for weights of %d lanes", len(chunks), len(w))
	}
	for lane, chunk := range chunks {
		if chunk.Samples != s.Samples() {
			return fmt.Errorf("%d samples in the chunk, %d in the scores", chunk.Samples, s.Samples())
		}
		own, err := read(e.chain, chunk)
		if err != nil {
			return err
		}
		for i := range chunk.Samples {
			for a, c := range load(e.ringQ, own, i) {
				for k := range s {
					for b, factor := range w[lane][k] {
						e.ringQ.MulCoeffsMontgomeryThenAdd(c, factor, s[k][i].Value[a+b])
					}
				}
			}
		}
	}
	return nil
}

// Pack relinearises where models are encrypted, and merges samples as he.Tile says.
func (e *Scorer) Pack(answers he.Scores) ([]he.Sum, error) {
	var nodes []he.Sum
	for _, samples := range answers.(scores) {
		for i, ct := range samples {
			if ct.Degree() == 2 {
				samples[i] = rlwe.NewCiphertext(e.params, 1, ct.Level())
				if err := e.evaluator.Relinearize(ct, samples[i]); err != nil {
					return nil, err
				}
			}
		}
		node, err := e.pack(samples, he.ChunkLevels)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, toSum(node))
	}
	return nodes, nil
}

// pack is the node of up to 2^level samples; without any it is zero.
func (e *Scorer) pack(samples []*rlwe.Ciphertext, level int) (*rlwe.Ciphertext, error) {
	if len(samples) == 0 {
		return e.zero(), nil
	}
	if level == 0 {
		return samples[0], nil
	}
	half := min(1<<(level-1), len(samples))
	even, err := e.pack(samples[:half], level-1)
	if err != nil {
		return nil, err
	}
	odd, err := e.pack(samples[half:], level-1)
	if err != nil {
		return nil, err
	}
	return e.join(level, even, odd)
}

func (e *Scorer) zero() *rlwe.Ciphertext {
	ct := rlwe.NewCiphertext(e.params, 1, e.ringQ.Level())
	ct.IsNTT = true
	return ct
}

func (e *Scorer) join(level int, even, odd *rlwe.Ciphertext) (*rlwe.Ciphertext, error) {
	shift := monomial(e.params, e.chain.N()>>level).Q
	sum, difference, image := e.zero(), e.zero(), e.zero()
	for c := range 2 {
		shifted := e.ringQ.NewPoly()
		e.ringQ.MulCoeffsMontgomery(odd.Value[c], shift, shifted)
		e.ringQ.Add(even.Value[c], shifted, sum.Value[c])
		e.ringQ.Sub(even.Value[c], shifted, difference.Value[c])
	}
	if err := e.evaluator.Automorphism(difference, uint64(1<<level+1), image); err != nil {
		return nil, err
	}
	for c := range 2 {
		e.ringQ.Add(sum.Value[c], image.Value[c], sum.Value[c])
	}
	return sum, nil
}

// Join merges two nodes.
func (e *Scorer) Join(level int, even, odd he.Sum) (he.Sum, error) {
	node, err := e.join(level, e.fromSum(even), e.fromSum(odd))
	if err != nil {
		return he.Sum{}, err
	}
	return toSum(node), nil
}

// fromSum is a node in Lattigo's form; the zero Sum is zero.
func (e *Scorer) fromSum(sum he.Sum) *rlwe.Ciphertext {
	ct, n := e.zero(), e.chain.N()
	for i, x := range sum.Residues {
		row := i / n
		ct.Value[row/len(e.chain.Sums)].Coeffs[row%len(e.chain.Sums)][i%n] = uint64(x)
	}
	return ct
}
