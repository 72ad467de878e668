package he

import (
	"fmt"
	"math/bits"

	"genoveil/kernels/cpu"
)

// A SeededCiphertext is one ciphertext: C0[prime][N] in the transformed domain; the
// other half follows from the seed with ciphertext number 0, see sampling.Uniform.
//
// Packed columns of up to N samples are modulo the column primes; models, constants and
// public keys modulo the sum primes.
type SeededCiphertext struct {
	Seed [32]byte
	C0   []uint32
}

// PackedLen is the number of residues in C0 of a packed column.
func (c Chain) PackedLen() int { return len(c.ColumnPrimes()) * c.N() }

// position is the coefficient at which sample i stands in packed columns and packed
// answers, its bits reversed: then any aligned power-of-two range of samples is one
// subtree of the expansion (ExpansionStep) or of packing (Tile), and a range of n samples
// costs little more than n constants instead of up to n·log N.
func (c Chain) position(i int) int { return int(bits.Reverse32(uint32(i)) >> (32 - c.LogN)) }

// ValidateColumn checks sizes and residues of a packed column from outside.
func (c SeededCiphertext) ValidateColumn(chain Chain) error {
	if len(c.C0) != chain.PackedLen() {
		return fmt.Errorf("%d residues do not make a packed column", len(c.C0))
	}
	return checkResidues(c.C0, chain.ColumnPrimes(), chain.N(), 0)
}

// Validate checks sizes and residues of a ciphertext modulo the sum primes from outside.
func (c SeededCiphertext) Validate(chain Chain) error {
	if len(c.C0) != chain.SumLen(1) {
		return fmt.Errorf("%d residues do not make a ciphertext", len(c.C0))
	}
	return checkResidues(c.C0, chain.Sums, chain.N(), 0)
}

// A Sum is one encrypted sum: Components polynomials (2 after relinearisation,
// 3 without) modulo the sum primes, in the transformed domain:
// Residues[component][prime][N].
type Sum struct {
	Components int
	Residues   []uint32
}

// SumLen is the number of residues of a sum of that many components.
func (c Chain) SumLen(components int) int { return components * len(c.Sums) * c.N() }

// AddSum adds residues of a sum, [component][prime][N], to dst.
func (c Chain) AddSum(dst, src []uint32) error {
	n, primes := c.N(), len(c.Sums)
	for l, q := range c.Sums {
		m, err := cpu.NewModulus(q)
		if err != nil {
			return err
		}
		for i := l * n; i < len(dst); i += primes * n {
			m.AddVec(dst[i:i+n], dst[i:i+n], src[i:i+n])
		}
	}
	return nil
}

// Validate checks sizes and residues of a sum from outside.
func (s Sum) Validate(chain Chain) error {
	if s.Components < 2 || s.Components > 3 || len(s.Residues) != chain.SumLen(s.Components) {
		return fmt.Errorf("%d components and %d residues do not make a sum", s.Components, len(s.Residues))
	}
	return checkResidues(s.Residues, chain.Sums, chain.N(), 0)
}
