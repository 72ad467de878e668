package he

import (
	"fmt"

	"genoveil/kernels/cpu"
)

// A PackedColumn encrypts one column of up to N samples in one ciphertext modulo
// the column primes: C0[prime][N] in the transformed domain; the other half
// follows from the seed with ciphertext number 0.
//
// Sample i stands at coefficient bitreverse(i): then any aligned power-of-two
// range of samples is one subtree of the expansion (ExpansionStep), and a range of n
// samples costs little more than n constants instead of up to n·log N.
type PackedColumn struct {
	Seed [32]byte
	C0   []uint32
}

// PackedLen is the number of residues in C0 of a packed column.
func (c Chain) PackedLen() int { return len(c.ColumnPrimes()) * c.N() }

// Validate checks sizes and residues of a column from outside.
func (p PackedColumn) Validate(chain Chain) error {
	if len(p.C0) != chain.PackedLen() {
		return fmt.Errorf("%d residues do not make a packed column", len(p.C0))
	}
	return checkResidues(p.C0, chain.ColumnPrimes(), chain.N(), 0)
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
