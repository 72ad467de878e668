package he

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
)

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
	e, err := newEncryption(chain, chain.Sums, sk)
	if err != nil {
		return nil, err
	}
	public, err := e.encryptSeeded(nil, new(big.Int))
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
