package he

import (
	"fmt"
	"math"
	"math/big"
	"slices"

	"genoveil/kernels/cpu"
)

// A Chain is a ring and its moduli: what keys depend on. Primes stand in the
// order in which key-switching uses them.
type Chain struct {
	LogN     int      `json:"log_n"`
	Sums     []uint32 `json:"sum_primes"`     // Q: planes, expanded columns and sums
	Dropped  []uint32 `json:"dropped_primes"` // further primes of packed columns, divided away after expansion
	Switches []uint32 `json:"switch_primes"`  // P: only in evaluation keys
}

// N is the ring degree: positions in a block, and samples in a packed column.
func (c Chain) N() int { return 1 << c.LogN }

// ColumnPrimes are those of packed columns: Sums followed by Dropped.
func (c Chain) ColumnPrimes() []uint32 { return slices.Concat(c.Sums, c.Dropped) }

// Equal says whether two chains are the same.
func (c Chain) Equal(d Chain) bool {
	return c.LogN == d.LogN && slices.Equal(c.Sums, d.Sums) &&
		slices.Equal(c.Dropped, d.Dropped) && slices.Equal(c.Switches, d.Switches)
}

// LogQP is the size in bits of the largest modulus in use.
func (c Chain) LogQP() float64 {
	bits := 0.0
	for _, q := range slices.Concat(c.ColumnPrimes(), c.Switches) {
		bits += math.Log2(float64(q))
	}
	return bits
}

// standard is the largest log QP for a uniform ternary secret at 128, 192 and
// 256 bits of classical security. The first column is that of the guidelines of 2024
// (Bossuat et al., eprint 2024/463), which are stricter than table 1 of the Homomorphic
// Encryption Standard (Albrecht et al., 2018: 218 at N = 8192); the others are its.
var standard = map[int][3]float64{
	10: {26, 19, 14}, 11: {53, 37, 29}, 12: {106, 75, 58},
	13: {214, 152, 118}, 14: {430, 305, 237}, 15: {868, 611, 476},
}

// Security is 128, 192 or 256: the row of the tables that the chain stays inside, or 0
// if none.
func (c Chain) Security() int {
	level, logQP := 0, c.LogQP()
	for i, bits := range []int{128, 192, 256} {
		if logQP <= standard[c.LogN][i] {
			level = bits
		}
	}
	return level
}

// maxPrimes bounds a chain from a file: the standard allows the largest ring 868 bits.
const maxPrimes = 868/cpu.MaxModulusBits + 1

func (c Chain) validate() error {
	if c.LogN < 6 || c.LogN > 15 {
		return fmt.Errorf("ring degree 2^%d is outside 2^6 … 2^15", c.LogN)
	}
	if len(c.Sums) == 0 || len(c.Switches) != 1 {
		return fmt.Errorf("a chain needs primes for sums and one prime for key-switching, not %d and %d", len(c.Sums), len(c.Switches))
	}
	all := slices.Concat(c.ColumnPrimes(), c.Switches)
	if len(all) > maxPrimes {
		return fmt.Errorf("a chain has at most %d primes, not %d", maxPrimes, len(all))
	}
	for i, q := range all {
		if _, err := cpu.NewModulus(q); err != nil {
			return err
		}
		if int(q)%(2*c.N()) != 1 {
			return fmt.Errorf("prime %d is not 1 modulo %d", q, 2*c.N())
		}
		if slices.Contains(all[:i], q) {
			return fmt.Errorf("prime %d is in the chain twice", q)
		}
	}
	return nil
}

func product(primes []uint32) *big.Int {
	r := big.NewInt(1)
	for _, q := range primes {
		r.Mul(r, big.NewInt(int64(q)))
	}
	return r
}
