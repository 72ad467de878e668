package he

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"math/bits"
)

// A CheckModulus is the arithmetic of the check that travels with every answer
// (docs/security.md). While encrypting, the owner draws a secret key κ with one
// entry a sample and keeps K_j = Σ_i κ_i·v_ij mod P for every position j of every
// plane. Every query carries further columns that are the digits of
// τ = κ + Σ_k c_k·ρ_k mod P with fresh secret coefficients c_k. After decryption
//
//	Σ_l base^l·T_τl ≡ K + Σ_k c_k·T_k  (mod P)
//
// must hold everywhere. P is a prime larger than the difference of any two values
// that a sum can decode to. So an alteration of a real column is never zero modulo
// P, and whoever does not know κ and c passes with probability 1/(P−1). (Modulo a
// smaller p, adding p to a sum would pass always.)
type CheckModulus struct {
	P      uint64
	Digits int // check columns a plane
}

// checkBase is the base of the digits; balanced digits lie within ±4095, inside
// the bound of columns.
const checkBase = 8191

// NewCheckModulus is the modulus for sums over n samples: the largest prime below
// base^d for the fewest digits d ≥ 2 with P > 2·n·V·B.
func (p Params) NewCheckModulus(n int) (CheckModulus, error) {
	if p.MaxColumn() < checkBase/2 {
		return CheckModulus{}, fmt.Errorf("columns up to %d leave no room for the check", p.MaxColumn())
	}
	widest := big.NewInt(int64(n))
	widest.Mul(widest, big.NewInt(p.MaxPlane())).Mul(widest, big.NewInt(p.MaxColumn())).Lsh(widest, 1)
	power := uint64(checkBase)
	// Four digits are 52 bits: they survive JSON numbers, and 2,048 of them a sum of
	// 64-bit words.
	for digits := 2; digits <= 4; digits++ {
		power *= checkBase
		prime := power - 2
		for !new(big.Int).SetUint64(prime).ProbablyPrime(20) {
			prime -= 2
		}
		if new(big.Int).SetUint64(prime).Cmp(widest) > 0 {
			return CheckModulus{P: prime, Digits: digits}, nil
		}
	}
	return CheckModulus{}, fmt.Errorf("sums over %d samples are too large for the check; split the cohort", n)
}

// Add returns a+b mod P for reduced a and b.
func (m CheckModulus) Add(a, b uint64) uint64 {
	if s := a + b; s < m.P {
		return s
	}
	return a + b - m.P
}

// Mul returns a·x mod P for a reduced a and any x.
func (m CheckModulus) Mul(a uint64, x int64) uint64 {
	r := x % int64(m.P)
	if r < 0 {
		r += int64(m.P)
	}
	hi, lo := bits.Mul64(a, uint64(r))
	return bits.Rem64(hi, lo, m.P)
}

// NewKey draws κ: one uniform value in 1 … P−1 for each of n samples.
func (m CheckModulus) NewKey(n int) ([]uint64, error) {
	values := make([]uint64, n)
	for i := range values {
		x, err := rand.Int(rand.Reader, new(big.Int).SetUint64(m.P-1))
		if err != nil {
			return nil, fmt.Errorf("no randomness from the operating system: %w", err)
		}
		values[i] = x.Uint64() + 1
	}
	return values, nil
}

// NewColumns draws coefficients for columns and returns them with the check
// columns: the balanced digits of τ, lowest first. All columns and κ have one
// value a sample.
func (m CheckModulus) NewColumns(key []uint64, columns [][]int32) (coefficients []uint64, digits [][]int32, err error) {
	if coefficients, err = m.NewKey(len(columns)); err != nil {
		return nil, nil, err
	}
	digits = make([][]int32, m.Digits)
	for l := range digits {
		digits[l] = make([]int32, len(key))
	}
	for i, tau := range key {
		for k, column := range columns {
			tau = m.Add(tau, m.Mul(coefficients[k], int64(column[i])))
		}
		// The balanced representative of τ is within ±(P−1)/2 < base^Digits/2.
		rest := int64(tau)
		if tau > m.P/2 {
			rest -= int64(m.P)
		}
		for l := range digits {
			digit := rest % checkBase
			if digit > checkBase/2 {
				digit -= checkBase
			} else if digit < -(checkBase / 2) {
				digit += checkBase
			}
			digits[l][i] = int32(digit)
			rest = (rest - digit) / checkBase
		}
	}
	return coefficients, digits, nil
}

// Verify compares the decoded check columns with K + Σ_k c_k·T_k at all n
// positions. expected holds K, zero beyond its end; sums the decoded columns.
func (m CheckModulus) Verify(n int, digits [][]int64, expected []uint64, coefficients []uint64, sums [][]int64) error {
	if len(digits) != m.Digits || len(sums) != len(coefficients) {
		return ErrDamaged
	}
	for _, values := range append(append([][]int64(nil), digits...), sums...) {
		if len(values) != n {
			return ErrDamaged
		}
	}
	for j := range n {
		left, power := uint64(0), uint64(1)
		for _, digit := range digits {
			left = m.Add(left, m.Mul(power, digit[j]))
			power *= checkBase
		}
		right := uint64(0)
		if j < len(expected) {
			right = expected[j]
		}
		for k, sum := range sums {
			right = m.Add(right, m.Mul(coefficients[k], sum[j]))
		}
		if left != right {
			return ErrDamaged
		}
	}
	return nil
}
