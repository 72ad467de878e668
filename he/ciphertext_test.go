package he_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
)

// TestCiphertextsAndColumns: a ciphertext modulo the sum primes is not taken for a packed
// column, nor the other way round, and a residue that is not reduced for neither.
func TestCiphertextsAndColumns(t *testing.T) {
	chain := hetest.Chain(7, 2, 1)
	column := hetest.Column(rand.New(rand.NewPCG(1, 4)), chain, false)
	sums := he.SeededCiphertext{Seed: column.Seed, C0: column.C0[:chain.SumLen(1)]}
	if err := column.ValidateColumn(chain); err != nil {
		t.Error(err)
	}
	if err := sums.Validate(chain); err != nil {
		t.Error(err)
	}
	if column.Validate(chain) == nil || sums.ValidateColumn(chain) == nil {
		t.Error("one was taken for the other")
	}
	for l, q := range chain.ColumnPrimes() {
		changed := he.SeededCiphertext{Seed: column.Seed, C0: slices.Clone(column.C0)}
		changed.C0[l*chain.N()] = q
		if changed.ValidateColumn(chain) == nil {
			t.Errorf("%d was taken for a residue of a column modulo itself", q)
		}
		changed.C0 = changed.C0[:chain.SumLen(1)]
		if (changed.Validate(chain) == nil) != (l == len(chain.Sums)) {
			t.Errorf("%d was taken for a residue of a ciphertext modulo itself", q)
		}
	}
}
