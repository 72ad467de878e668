package he

import (
	"fmt"
	"slices"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"

	"genoveil/kernels/cpu"
)

// A SwitchKey re-encrypts a polynomial times one secret under another: for each
// digit (one a column prime) two polynomials modulo every column prime and then
// every switch prime, in the transformed domain. Layout:
// [digit][component][prime][N], residues in plain (not Montgomery) form.
type SwitchKey []uint32

// EvaluationKeys let an engine expand, relinearise and nothing else. They are
// public under the usual circular-security assumption.
type EvaluationKeys struct {
	Chain Chain
	KeyID [16]byte

	// Expand holds a key for every automorphism of the expansion: for each step in
	// turn those of k = 1 … R−1 (ExpansionStep).
	Expand []SwitchKey

	// Relinearize switches s² to s.
	Relinearize SwitchKey
}

// switchKeyLen is the number of residues of a SwitchKey.
func (c Chain) switchKeyLen() int {
	digits := len(c.Sums) + len(c.Dropped)
	return digits * 2 * (digits + len(c.Switches)) * c.N()
}

// KeySizes says how many keys the expansion and the packing of answers take, and how
// many residues every key has, so that a file is known to be right before it is read.
// It refuses a chain that is none.
func (c Chain) KeySizes() (expand, pack, residues int, err error) {
	if err := c.validate(); err != nil {
		return 0, 0, 0, err
	}
	return len(c.expansionElements()), len(c.packElements()), c.switchKeyLen(), nil
}

// GenerateEvaluationKeys makes the keys for a chain with Lattigo.
func GenerateEvaluationKeys(chain Chain, sk *SecretKey) (*EvaluationKeys, error) {
	g, err := newKeyGenerator(chain, sk)
	if err != nil {
		return nil, err
	}
	return &EvaluationKeys{Chain: chain, KeyID: sk.ID(), Expand: g.galois(chain.expansionElements()), Relinearize: g.relinearize()}, nil
}

// A keyGenerator makes switching keys under one secret with Lattigo.
type keyGenerator struct {
	chain     Chain
	params    rlwe.Parameters
	secret    *rlwe.SecretKey
	generator *rlwe.KeyGenerator
}

func newKeyGenerator(chain Chain, sk *SecretKey) (*keyGenerator, error) {
	params, err := chain.lattigo()
	if err != nil {
		return nil, err
	}
	if sk.N() != chain.N() {
		return nil, fmt.Errorf("secret key has ring degree %d, the parameter set %d", sk.N(), chain.N())
	}
	secret := rlwe.NewSecretKey(params)
	embed := func(r *ring.Ring, dst ring.Poly) {
		for l, s := range r.SubRings {
			for i, x := range sk.coeffs {
				neg := uint64(x>>7) & 1
				dst.Coeffs[l][i] = uint64(x&1)&(neg^1) + neg*(s.Modulus-1)
			}
		}
		r.NTT(dst, dst)
		r.MForm(dst, dst)
	}
	embed(params.RingQ(), secret.Value.Q)
	embed(params.RingP(), secret.Value.P)
	return &keyGenerator{chain, params, secret, rlwe.NewKeyGenerator(params)}, nil
}

// galois makes a key for every automorphism X → X^g.
func (g *keyGenerator) galois(elements []uint64) []SwitchKey {
	var keys []SwitchKey
	for _, element := range elements {
		key := g.generator.GenGaloisKeyNew(element, g.secret)
		keys = append(keys, flatten(g.chain, g.params, key.GadgetCiphertext))
	}
	return keys
}

func (g *keyGenerator) relinearize() SwitchKey {
	return flatten(g.chain, g.params, g.generator.GenRelinearizationKeyNew(g.secret).GadgetCiphertext)
}

// flatten copies one of Lattigo's keys out of Montgomery form.
func flatten(chain Chain, params rlwe.Parameters, key rlwe.GadgetCiphertext) SwitchKey {
	flat := make(SwitchKey, 0, chain.switchKeyLen())
	rings := params.RingQP()
	plain := rings.NewPoly()
	for _, digit := range key.Value {
		for _, component := range digit[0] {
			rings.RingQ.IMForm(component.Q, plain.Q)
			rings.RingP.IMForm(component.P, plain.P)
			for _, residues := range slices.Concat(plain.Q.Coeffs, plain.P.Coeffs) {
				for _, x := range residues {
					flat = append(flat, uint32(x))
				}
			}
		}
	}
	return flat
}

// Lattigo gives the keys in Lattigo's form, for the reference engine.
func (k *EvaluationKeys) Lattigo() (rlwe.Parameters, *rlwe.MemEvaluationKeySet, error) {
	if err := k.Validate(); err != nil {
		return rlwe.Parameters{}, nil, err
	}
	return k.Chain.restore(k.Chain.expansionElements(), k.Expand, k.Relinearize)
}

// restore puts keys that were validated into Lattigo's form.
func (c Chain) restore(elements []uint64, keys []SwitchKey, relinearize SwitchKey) (rlwe.Parameters, *rlwe.MemEvaluationKeySet, error) {
	params, err := c.lattigo()
	if err != nil {
		return params, nil, err
	}
	restore := func(flat SwitchKey) rlwe.GadgetCiphertext {
		key := *rlwe.NewGadgetCiphertext(params, 1, params.MaxLevelQ(), params.MaxLevelP(), 0)
		rings := params.RingQP()
		for _, digit := range key.Value {
			for _, component := range digit[0] {
				for _, residues := range slices.Concat(component.Q.Coeffs, component.P.Coeffs) {
					copy(residues, widen(flat[:len(residues)]))
					flat = flat[len(residues):]
				}
				rings.MForm(ringqp.Poly(component), ringqp.Poly(component))
			}
		}
		return key
	}
	var galois []*rlwe.GaloisKey
	for i, element := range elements {
		galois = append(galois, &rlwe.GaloisKey{
			EvaluationKey: rlwe.EvaluationKey{GadgetCiphertext: restore(keys[i])},
			GaloisElement: element,
			NthRoot:       uint64(2 * c.N()),
		})
	}
	relin := &rlwe.RelinearizationKey{EvaluationKey: rlwe.EvaluationKey{GadgetCiphertext: restore(relinearize)}}
	return params, rlwe.NewMemEvaluationKeySet(relin, galois...), nil
}

// Validate checks sizes and that every residue is reduced, so that keys read
// from a file cannot make an engine read outside its arrays or overflow.
func (k *EvaluationKeys) Validate() error {
	if err := k.Chain.validate(); err != nil {
		return err
	}
	if want := len(k.Chain.expansionElements()); len(k.Expand) != want {
		return fmt.Errorf("%d expansion keys where ring degree 2^%d takes %d", len(k.Expand), k.Chain.LogN, want)
	}
	return k.Chain.validateKeys(append(slices.Clone(k.Expand), k.Relinearize))
}

func (c Chain) validateKeys(keys []SwitchKey) error {
	primes := slices.Concat(c.ColumnPrimes(), c.Switches)
	for i, key := range keys {
		if len(key) != c.switchKeyLen() {
			return fmt.Errorf("evaluation key %d has %d residues, expected %d", i, len(key), c.switchKeyLen())
		}
		if err := checkResidues(key, primes, c.N(), 0); err != nil {
			return fmt.Errorf("evaluation key %d: %w", i, err)
		}
	}
	return nil
}

// checkResidues verifies that a, part of rows of n residues modulo the primes in
// turn, holds reduced values only. Its first residue is number `first`.
func checkResidues(a []uint32, primes []uint32, n, first int) error {
	for len(a) > 0 {
		row, left := first/n, n-first%n
		part := a[:min(left, len(a))]
		if q, largest := primes[row%len(primes)], cpu.Max(part); largest >= q {
			return fmt.Errorf("residue %d is not below its prime %d", largest, q)
		}
		a, first = a[len(part):], first+len(part)
	}
	return nil
}
