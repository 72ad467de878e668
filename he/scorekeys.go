package he

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"

	"genoveil/kernels/cpu/sampling"
)

// A SeededCiphertext is one ciphertext modulo the sum primes: C0[prime][N] in the
// transformed domain; the other half follows from the seed with ciphertext number
// 0, see sampling.Uniform.
type SeededCiphertext struct {
	Seed [32]byte
	C0   []uint32
}

// Validate checks sizes and residues of a ciphertext from outside.
func (c SeededCiphertext) Validate(chain Chain) error {
	if len(c.C0) != chain.SumLen(1) {
		return fmt.Errorf("%d residues do not make a ciphertext", len(c.C0))
	}
	return checkResidues(c.C0, chain.Sums, chain.N(), 0)
}

// ScoreKeys let a Scorer pack answers and relinearise, and let anybody encrypt under
// the owner's key, which flooding needs. They are public under the assumptions of
// EvaluationKeys.
//
// A server that floods with them trusts that the public key is one. An encryption of
// another number is as random to the server, and shows the mask of c1 to the client.
type ScoreKeys struct {
	Chain Chain
	KeyID [16]byte

	// Pack holds a key for each level of the tree, l = 1 … log N: X → X^(2^l+1).
	Pack []SwitchKey

	// Relinearize switches s² to s, for products with an encrypted model.
	Relinearize SwitchKey

	// Public is the public key, an encryption of zero.
	Public SeededCiphertext
}

// packElement is the exponent of the automorphism that merges nodes at a level,
// l = 1 … log N.
func packElement(level int) uint64 { return 1<<level + 1 }

func (c Chain) packElements() []uint64 {
	var elements []uint64
	for l := 1; l <= c.LogN; l++ {
		elements = append(elements, packElement(l))
	}
	return elements
}

// GenerateScoreKeys makes the keys for a chain; the switching keys with Lattigo.
func GenerateScoreKeys(chain Chain, sk *SecretKey) (*ScoreKeys, error) {
	g, err := newKeyGenerator(chain, sk)
	if err != nil {
		return nil, err
	}
	key, err := newEncryptorKey(chain, sk)
	if err != nil {
		return nil, err
	}
	enc, err := key.newEncryptor()
	if err != nil {
		return nil, err
	}
	public, err := enc.encryptSeeded(chain, nil, new(big.Int))
	if err != nil {
		return nil, err
	}
	return &ScoreKeys{Chain: chain, KeyID: sk.ID(), Pack: g.galois(chain.packElements()), Relinearize: g.relinearize(), Public: public}, nil
}

// Validate checks sizes and that every residue is reduced, so that keys read
// from a file cannot make an engine read outside its arrays or overflow.
func (k *ScoreKeys) Validate() error {
	if err := k.Chain.validate(); err != nil {
		return err
	}
	if len(k.Pack) != k.Chain.LogN {
		return fmt.Errorf("%d keys for packing where ring degree 2^%d takes %d", len(k.Pack), k.Chain.LogN, k.Chain.LogN)
	}
	if err := k.Chain.validateKeys(append(slices.Clone(k.Pack), k.Relinearize)); err != nil {
		return err
	}
	if err := k.Public.Validate(k.Chain); err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	return nil
}

// Lattigo gives the keys in Lattigo's form, for the reference engine.
func (k *ScoreKeys) Lattigo() (rlwe.Parameters, *rlwe.MemEvaluationKeySet, error) {
	if err := k.Validate(); err != nil {
		return rlwe.Parameters{}, nil, err
	}
	return k.Chain.restore(k.Chain.packElements(), k.Pack, k.Relinearize)
}

// EncryptWeights encrypts the polynomial of up to N weights of an encrypted model
// (WeightPolynomial), one a position of a block and plane, under a fresh seed. Each
// is at most MaxNorm in absolute value, or it fails.
func (e *Encryptor) EncryptWeights(weights []int64) (SeededCiphertext, error) {
	if !e.params.PrivateModel() {
		return SeededCiphertext{}, fmt.Errorf("the parameter set is not for encrypted models")
	}
	if err := checkWeights(weights, e.params.N(), e.params.MaxNorm()); err != nil {
		return SeededCiphertext{}, err
	}
	polynomial := WeightPolynomial(weights, e.params.N())
	return e.encryptSeeded(e.params.Chain(), polynomial, e.params.ModelScale())
}

// EncryptConstant encrypts the constant of an encrypted model for Params.AddConstant.
// |c| ≤ MaxAnswer or it fails.
func (e *Encryptor) EncryptConstant(c int64) (SeededCiphertext, error) {
	if !e.params.PrivateModel() {
		return SeededCiphertext{}, fmt.Errorf("the parameter set is not for encrypted models")
	}
	if limit := e.params.MaxAnswer(); c > limit || c < -limit {
		return SeededCiphertext{}, fmt.Errorf("a constant is outside ±%d, the largest answer", limit)
	}
	return e.encryptSeeded(e.params.Chain(), []int64{c}, e.params.Scale())
}

// encryptSeeded encrypts scale·values modulo the sum primes; coefficients after the
// last value are zero.
func (e *Encryptor) encryptSeeded(chain Chain, values []int64, scale *big.Int) (SeededCiphertext, error) {
	n := chain.N()
	ct := SeededCiphertext{C0: make([]uint32, chain.SumLen(1))}
	if _, err := rand.Read(ct.Seed[:]); err != nil {
		return SeededCiphertext{}, err
	}
	uniform := sampling.NewUniform(&ct.Seed)
	e.errors.Fill(e.noise)
	for l, t := range e.ntt[:len(chain.Sums)] {
		for i, x := range e.noise {
			e.message[i] = t.ReduceSigned(int64(x))
		}
		factor := residue(t, scale)
		for i, x := range values {
			e.message[i] = t.Add(e.message[i], t.Mul(t.ReduceSigned(x), factor))
		}
		t.Forward(e.message)
		uniform.Fill(e.mask, t.Modulus, 0, uint32(l), 0)
		t.MulSubTiles(ct.C0[l*n:][:n], TileWidth, TileWidth, e.message, e.mask, e.secret[l], e.shoup[l])
	}
	return ct, nil
}
