package he_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// TestForgedPublicKey is what docs/scoring.md says of a client that makes its own public
// key: an encryption of 2^k in place of zero, which nobody without the secret tells from
// an honest one. From replies to genotypes of zero it reads u, the mask of c1, and knows
// c1 of the packed answers but for the server's errors, at most BinomialPairs. An honest
// key shows no u.
func TestForgedPublicKey(t *testing.T) {
	params := hetest.ScoreParams(t, 7, 1)
	w := newScoreWorld(t, params, fastScorer)
	chain, n := params.Chain(), params.N()
	weights := randomWeights(rand.New(rand.NewPCG(4, 4)), 1, 1, n, 1<<26)
	packed := w.scores(slices.Repeat([][][]int32{{make([]int32, n)}}, n), weights)[0]

	// The grid of answers is 2^45 below 2^k, and u the answers' upper bits.
	const shift = 45
	forged := he.SeededCiphertext{Seed: w.keys.Public.Seed, C0: slices.Clone(w.keys.Public.C0)}
	var transforms []*cpu.NTT
	for l, q := range chain.Sums {
		transform, err := cpu.NewNTT(n, q)
		w.must(err)
		transforms = append(transforms, transform)
		constant := transform.Mul(he.Residue(transform, params.Scale()), transform.Pow(2, shift))
		for i := range n {
			forged.C0[l*n+i] = transform.Add(forged.C0[l*n+i], constant)
		}
	}
	mask := func(public he.SeededCiphertext) (u []int64, reply he.Sum) {
		reply = he.Sum{Components: 2, Residues: slices.Clone(packed.Residues)}
		w.must(params.Flood(reply, n, 0, public))
		values := w.dec.Values(reply)
		for j := range n {
			u = append(u, (values[chain.Position(j)]+1<<(shift-1))>>shift)
		}
		return u, reply
	}
	if u, _ := mask(w.keys.Public); slices.ContainsFunc(u, func(x int64) bool { return x != 0 }) {
		t.Error("an honest public key shows the mask")
	}
	u, reply := mask(forged)
	a, secret := make([]uint32, n), make([]uint32, n)
	for l, transform := range transforms {
		for j, x := range u {
			secret[j] = transform.ReduceSigned(x)
		}
		transform.Forward(secret)
		sampling.NewUniform(&forged.Seed).Fill(a, transform.Modulus, 0, uint32(l), 0)
		rest := make([]uint32, n)
		for i := range rest {
			at := chain.SumLen(1) + l*n + i
			rest[i] = transform.Add(reply.Residues[at], transform.Neg(transform.Add(packed.Residues[at], transform.Mul(secret[i], a[i]))))
		}
		transform.Inverse(rest)
		for j, x := range rest {
			if min(x, transform.Q-x) > sampling.BinomialPairs {
				t.Fatalf("coefficient %d of c1 is not known: %d modulo %d is left", j, x, transform.Q)
			}
		}
	}
}
