package he

import (
	"encoding/json"
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

// Trait is the modulus chain of packed columns: Sums followed by Dropped.
func (c Chain) Trait() []uint32 { return slices.Concat(c.Sums, c.Dropped) }

// Equal says whether two chains are the same.
func (c Chain) Equal(d Chain) bool {
	return c.LogN == d.LogN && slices.Equal(c.Sums, d.Sums) &&
		slices.Equal(c.Dropped, d.Dropped) && slices.Equal(c.Switches, d.Switches)
}

// LogQP is the size in bits of the largest modulus in use.
func (c Chain) LogQP() float64 {
	bits := 0.0
	for _, q := range slices.Concat(c.Trait(), c.Switches) {
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
	all := slices.Concat(c.Trait(), c.Switches)
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

// A Params is a complete, validated, immutable parameter set: the chain and the
// scales and sizes that make sums or scores exact. Only Plan, PlanScore,
// PlanPrivateModel and UnmarshalJSON make one.
type Params struct {
	lit literal

	modulus *big.Int // product of the sum primes
}

// literal is a Params as it stands in files. Sets for sums have ColumnScale,
// MaxColumn and Batch; those for scores have MaxNorm and either FloodBits or
// ModelScale and MaxPositions.
type literal struct {
	Chain
	PlaneScale  *big.Int `json:"plane_scale"`            // Δg
	ColumnScale uint64   `json:"column_scale,omitempty"` // Δr
	MaxPlane    int64    `json:"max_plane"`              // V: |v| ≤ V
	MaxColumn   int64    `json:"max_column,omitempty"`   // B: |ρ| ≤ B
	Batch       int      `json:"batch,omitempty"`        // samples whose products may be summed in one ciphertext

	MaxNorm      int64    `json:"max_norm,omitempty"`      // L: a model's 2-norm is at most L
	FloodBits    int      `json:"flood_bits,omitempty"`    // f: flooding is uniform in [−2^f, 2^f)
	ModelScale   *big.Int `json:"model_scale,omitempty"`   // Δw
	MaxPositions int64    `json:"max_positions,omitempty"` // M: positions that may be summed over
}

// Chain is the ring and moduli.
func (p Params) Chain() Chain { return p.lit.Chain }

// N is the ring degree.
func (p Params) N() int { return p.lit.N() }

// PlaneScale is Δg, the factor of plane values in their ciphertexts.
// It must not be changed.
func (p Params) PlaneScale() *big.Int { return p.lit.PlaneScale }

// ColumnScale is Δr, the factor of column values in expanded ciphertexts.
func (p Params) ColumnScale() uint64 { return p.lit.ColumnScale }

// MaxPlane is V, the largest absolute plane value.
func (p Params) MaxPlane() int64 { return p.lit.MaxPlane }

// MaxColumn is B, the largest absolute column value.
func (p Params) MaxColumn() int64 { return p.lit.MaxColumn }

// Batch is the largest number of samples that one ciphertext may sum over, a
// multiple of N. Sums over more samples are added after decryption.
func (p Params) Batch() int { return p.lit.Batch }

// Modulus is the product of the sum primes. It must not be changed.
func (p Params) Modulus() *big.Int { return p.modulus }

// Valid says whether the set was made by Plan or read from a file; the zero value
// was not.
func (p Params) Valid() bool { return p.modulus != nil }

// Equal says whether two parameter sets are the same.
func (p Params) Equal(o Params) bool {
	a, b := p.lit, o.lit
	return a.Chain.Equal(b.Chain) && equal(a.PlaneScale, b.PlaneScale) && a.ColumnScale == b.ColumnScale &&
		a.MaxPlane == b.MaxPlane && a.MaxColumn == b.MaxColumn && a.Batch == b.Batch &&
		a.MaxNorm == b.MaxNorm && a.FloodBits == b.FloodBits && equal(a.ModelScale, b.ModelScale) && a.MaxPositions == b.MaxPositions
}

func equal(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }

// maxSet bounds the text of a set: those of Plan have less than 400 bytes.
const maxSet = 1 << 12

// MarshalJSON writes the set as docs/format.md describes.
func (p Params) MarshalJSON() ([]byte, error) { return json.Marshal(p.lit) }

// UnmarshalJSON reads and validates a set. A set that could decode wrongly is
// refused, so that a file from elsewhere cannot lower the margin.
func (p *Params) UnmarshalJSON(b []byte) error {
	// Reading a number takes the square of its digits.
	if len(b) > maxSet {
		return fmt.Errorf("a parameter set has at most %d bytes, not %d", maxSet, len(b))
	}
	var lit literal
	if err := json.Unmarshal(b, &lit); err != nil {
		return err
	}
	q, err := newParams(lit)
	if err != nil {
		return fmt.Errorf("parameter set: %w", err)
	}
	*p = q
	return nil
}

func newParams(lit literal) (Params, error) {
	if err := lit.Chain.validate(); err != nil {
		return Params{}, err
	}
	p := Params{lit: lit, modulus: product(lit.Sums)}
	if lit.PlaneScale == nil || lit.PlaneScale.Sign() <= 0 || lit.PlaneScale.Cmp(p.modulus) >= 0 {
		return Params{}, fmt.Errorf("the scale of planes must be positive and below the modulus")
	}
	check := p.checkSums
	if p.Scoring() {
		check = p.checkScores
	}
	if err := check(); err != nil {
		return Params{}, err
	}
	return p, nil
}

// checkSums verifies a set for sums.
func (p Params) checkSums() error {
	if p.lit.FloodBits != 0 || p.lit.ModelScale != nil || p.lit.MaxPositions != 0 {
		return fmt.Errorf("flooding and a model's scale belong to sets for scores, which have max_norm")
	}
	if len(p.lit.Dropped) == 0 {
		return fmt.Errorf("packed columns need at least one prime more than sums")
	}
	if p.lit.ColumnScale == 0 || p.lit.MaxPlane < 1 || p.lit.MaxColumn < 1 || p.lit.Batch < 1 {
		return fmt.Errorf("scales, bounds and batch must be positive")
	}
	if p.lit.Batch%p.N() != 0 {
		return fmt.Errorf("a batch of %d samples is not a whole number of packed columns", p.lit.Batch)
	}
	return p.checkExact()
}

func product(primes []uint32) *big.Int {
	r := big.NewInt(1)
	for _, q := range primes {
		r.Mul(r, big.NewInt(int64(q)))
	}
	return r
}
