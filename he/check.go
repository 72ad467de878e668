package he

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"math/bits"
	"slices"
)

// Masks is the number R of secret keys κ that a cohort has for its checks. The proof
// in docs/security.md holds for as many checks.
const Masks = 4

// A MaskKey has the keys κ¹ … κᴿ: a row a sample, uniform modulo P, zero included.
type MaskKey [][Masks]uint64

// A CheckModulus is the arithmetic of the check that travels with every answer
// (docs/security.md). While encrypting, the owner draws secret keys κʳ with one entry a
// sample and keeps Kʳ_j = Σ_i κʳ_i·v_ij mod P for every position j of every plane. A
// query carries further columns that are the digits of
// τ = Σ_r a_r·κʳ + Σ_k c_k·ρ_k mod P, with fresh secret factors a and coefficients c for
// every check. After decryption
//
//	Σ_l base^l·T_τl ≡ Σ_r a_r·Kʳ + Σ_k c_k·T_k  (mod P)
//
// must hold everywhere. P is a prime larger than the difference of any two values
// that a sum can decode to. So an alteration of a real column is never zero modulo
// P. The factors of any R checks are linearly independent, so the τ of R checks are
// uniform whatever c is, and whoever alters a column passes with probability 1/(P−1)
// at the most, even if nothing were encrypted.
type CheckModulus struct {
	P      uint64
	Digits int // check columns a plane
}

// A Check is the secret of one check. The factors are a_r = Scale·Point^(r−1): rows of
// a Vandermonde matrix with scaled rows, of which any R with different points are
// linearly independent.
type Check struct {
	Point        uint64   `json:"point"`
	Scale        uint64   `json:"scale"`        // 1 … P−1
	Coefficients []uint64 `json:"coefficients"` // 1 … P−1, of the columns
}

// checkBase is the base of the digits. It is odd, so that digits are balanced.
const checkBase = 8191

// MaxDigit is the largest absolute value in the columns of a check. Sets whose columns
// are smaller have no room for it.
const MaxDigit = checkBase / 2

// NewCheckModulus is the modulus for sums over n samples: the largest prime below
// base^d for the fewest digits d ≥ 2 with P > 2·n·V·B.
func (p SumParams) NewCheckModulus(n int) (CheckModulus, error) {
	if p.MaxColumn() < MaxDigit {
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

// NewKey draws the keys of a cohort of n samples.
func (m CheckModulus) NewKey(n int) (MaskKey, error) {
	key := make(MaskKey, n)
	for i := range key {
		for r := range key[i] {
			x, err := m.draw(0)
			if err != nil {
				return nil, err
			}
			key[i][r] = x
		}
	}
	return key, nil
}

// draw is uniform in least … P−1.
func (m CheckModulus) draw(least uint64) (uint64, error) {
	x, err := rand.Int(rand.Reader, new(big.Int).SetUint64(m.P-least))
	if err != nil {
		return 0, fmt.Errorf("no randomness from the operating system: %w", err)
	}
	return x.Uint64() + least, nil
}

// NewCheck draws the secrets of a check of so many columns. Its point is none of
// those used before for the cohort.
func (m CheckModulus) NewCheck(columns int, used []uint64) (Check, error) {
	c := Check{Coefficients: make([]uint64, columns)}
	var err error
	for again := true; again; again = slices.Contains(used, c.Point) {
		if c.Point, err = m.draw(0); err != nil {
			return Check{}, err
		}
	}
	if c.Scale, err = m.draw(1); err != nil {
		return Check{}, err
	}
	for k := range c.Coefficients {
		if c.Coefficients[k], err = m.draw(1); err != nil {
			return Check{}, err
		}
	}
	return c, nil
}

// mask is Σ_r a_r·x_r.
func (m CheckModulus) mask(c Check, x [Masks]uint64) uint64 {
	sum := uint64(0)
	for r := Masks - 1; r >= 0; r-- { // Horner
		sum = m.Add(m.Mul(sum, int64(c.Point)), x[r])
	}
	return m.Mul(sum, int64(c.Scale))
}

// Columns are the check's columns for columns of one value a sample: the balanced
// digits of τ, lowest first.
func (m CheckModulus) Columns(c Check, key MaskKey, columns [][]int32) [][]int32 {
	digits := make([][]int32, m.Digits)
	for l := range digits {
		digits[l] = make([]int32, len(key))
	}
	for i := range key {
		tau := m.mask(c, key[i])
		for k, column := range columns {
			tau = m.Add(tau, m.Mul(c.Coefficients[k], int64(column[i])))
		}
		// The balanced representative of τ is within ±(P−1)/2 < base^Digits/2.
		rest := int64(tau)
		if tau > m.P/2 {
			rest -= int64(m.P)
		}
		for l := range digits {
			digit := rest % checkBase
			if digit > MaxDigit {
				digit -= checkBase
			} else if digit < -MaxDigit {
				digit += checkBase
			}
			digits[l][i] = int32(digit)
			rest = (rest - digit) / checkBase
		}
	}
	return digits
}

// Verify compares the decoded check columns with Σ_r a_r·Kʳ + Σ_k c_k·T_k at all n
// positions. expected holds the Kʳ, zero beyond its end; sums the decoded columns.
func (m CheckModulus) Verify(n int, c Check, digits [][]int64, expected [][Masks]uint64, sums [][]int64) error {
	if len(digits) != m.Digits || len(sums) != len(c.Coefficients) || len(expected) > n {
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
			right = m.mask(c, expected[j])
		}
		for k, sum := range sums {
			right = m.Add(right, m.Mul(c.Coefficients[k], sum[j]))
		}
		if left != right {
			return ErrDamaged
		}
	}
	return nil
}
