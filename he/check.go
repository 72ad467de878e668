package he

import (
	"crypto/rand"
	"fmt"
	"math/big"
)

// The check that travels with every answer (docs/security.md). While encrypting,
// the owner draws a secret key κ with one entry a sample and keeps, for every
// position j of every plane, K_j = Σ_i κ_i·v_ij mod p. Every query carries two
// further columns τ = κ + Σ_k c_k·ρ_k mod± p with fresh secret coefficients c_k.
// After decryption T_τ ≡ K + Σ_k c_k·T_k (mod p) must hold everywhere, for both.
// Whoever alters the sums without knowing κ and c passes with probability about
// 1/p a column, 2^-26 for both.

// CheckPrime is p. Check columns have absolute values up to (p−1)/2 = 4095.
const CheckPrime = 8191

// CheckColumns is the number of check columns in a query.
const CheckColumns = 2

// NewCheckKey draws κ: one uniform value in 1 … p−1 for each of n samples.
func NewCheckKey(n int) ([]uint16, error) { return drawNonZero(n) }

// drawNonZero draws n uniform values in 1 … p−1.
func drawNonZero(n int) ([]uint16, error) {
	values := make([]uint16, n)
	for i := range values {
		x, err := rand.Int(rand.Reader, big.NewInt(CheckPrime-1))
		if err != nil {
			return nil, fmt.Errorf("no randomness from the operating system: %w", err)
		}
		values[i] = uint16(x.Int64()) + 1
	}
	return values, nil
}

// A CheckColumn is one combination: the secret coefficients of the columns.
type CheckColumn struct {
	Coefficients []uint16 `json:"coefficients"`
}

// NewCheckColumn draws coefficients for columns and returns them with the check
// column τ. All columns and κ have one value a sample.
func NewCheckColumn(key []uint16, columns [][]int32) (CheckColumn, []int32, error) {
	coefficients, err := drawNonZero(len(columns))
	if err != nil {
		return CheckColumn{}, nil, err
	}
	tau := make([]int32, len(key))
	for i, k := range key {
		x := int64(k)
		for c, column := range columns {
			x = (x + int64(coefficients[c])*int64(column[i])) % CheckPrime
		}
		tau[i] = int32(centre(x))
	}
	return CheckColumn{Coefficients: coefficients}, tau, nil
}

// centre maps x to its representative in −(p−1)/2 … (p−1)/2.
func centre(x int64) int64 {
	x %= CheckPrime
	switch {
	case x > CheckPrime/2:
		return x - CheckPrime
	case x < -(CheckPrime / 2):
		return x + CheckPrime
	}
	return x
}

// Verify compares the decoded check sum with K + Σ_k c_k·T_k at every position.
// expected holds K, zero beyond its end; sums holds the decoded columns.
func (c CheckColumn) Verify(checkSum []int64, expected []uint16, sums [][]int64) error {
	if len(sums) != len(c.Coefficients) {
		return fmt.Errorf("%d sums for %d check coefficients", len(sums), len(c.Coefficients))
	}
	for j, t := range checkSum {
		x := -t % CheckPrime
		if j < len(expected) {
			x += int64(expected[j])
		}
		for k, sum := range sums {
			x = (x + int64(c.Coefficients[k])*(sum[j]%CheckPrime)) % CheckPrime
		}
		if x != 0 {
			return ErrDamaged
		}
	}
	return nil
}
