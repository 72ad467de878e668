package he

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// A PlaneParams is what sets for sums and sets for scores have in common, and all that
// encrypting planes takes.
type PlaneParams struct {
	chain      Chain
	planeScale *big.Int
	maxPlane   int64
	modulus    *big.Int
}

// Chain is the ring and moduli.
func (p PlaneParams) Chain() Chain { return p.chain }

// N is the ring degree.
func (p PlaneParams) N() int { return p.chain.N() }

// PlaneScale is Δg, the factor of plane values in their ciphertexts.
// It must not be changed.
func (p PlaneParams) PlaneScale() *big.Int { return p.planeScale }

// MaxPlane is V, the largest absolute plane value.
func (p PlaneParams) MaxPlane() int64 { return p.maxPlane }

// Modulus is the product of the sum primes. It must not be changed.
func (p PlaneParams) Modulus() *big.Int { return p.modulus }

// Valid says whether the set was planned or read from a file; the zero value was not.
func (p PlaneParams) Valid() bool { return p.modulus != nil }

// A Params is a set of either kind, of planes that are for sums or for scores.
type Params struct {
	PlaneParams
	sums   SumParams // one of the two is valid, or neither in the zero value
	scores ScoreParams
}

// Sums is the set, if it is one for sums.
func (p Params) Sums() (SumParams, error) {
	if !p.sums.Valid() {
		return SumParams{}, fmt.Errorf("the parameter set is not one for sums")
	}
	return p.sums, nil
}

// Scores is the set, if it is one for scores.
func (p Params) Scores() (ScoreParams, error) {
	if !p.scores.Valid() {
		return ScoreParams{}, fmt.Errorf("the parameter set is not one for scores")
	}
	return p.scores, nil
}

// Equal says whether two parameter sets are the same.
func (p Params) Equal(o Params) bool { return p.literal().equal(o.literal()) }

// literal is a set as it stands in files. Sets for sums have ColumnScale, MaxColumn and
// Batch; those for scores have MaxNorm and either FloodBits or ModelScale and
// MaxPositions.
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

func (p PlaneParams) literal() literal {
	return literal{Chain: p.chain, PlaneScale: p.planeScale, MaxPlane: p.maxPlane}
}

func (p Params) literal() literal {
	if p.scores.Valid() {
		return p.scores.literal()
	}
	return p.sums.literal()
}

func (l literal) equal(m literal) bool {
	return l.Chain.Equal(m.Chain) && equal(l.PlaneScale, m.PlaneScale) && l.ColumnScale == m.ColumnScale &&
		l.MaxPlane == m.MaxPlane && l.MaxColumn == m.MaxColumn && l.Batch == m.Batch &&
		l.MaxNorm == m.MaxNorm && l.FloodBits == m.FloodBits && equal(l.ModelScale, m.ModelScale) && l.MaxPositions == m.MaxPositions
}

func equal(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }

// planes verifies what all sets have.
func (l literal) planes() (PlaneParams, error) {
	if err := l.Chain.validate(); err != nil {
		return PlaneParams{}, err
	}
	p := PlaneParams{l.Chain, l.PlaneScale, l.MaxPlane, product(l.Chain.Sums)}
	if l.PlaneScale == nil || l.PlaneScale.Sign() <= 0 || l.PlaneScale.Cmp(p.modulus) >= 0 {
		return PlaneParams{}, fmt.Errorf("the scale of planes must be positive and below the modulus")
	}
	return p, nil
}

// maxSet bounds the text of a set: those of Plan have less than 400 bytes.
const maxSet = 1 << 12

// MarshalJSON writes the set as docs/format.md describes.
func (p Params) MarshalJSON() ([]byte, error) { return json.Marshal(p.literal()) }

// UnmarshalJSON reads and validates a set. A set that could decode wrongly is
// refused, so that a file from elsewhere cannot lower the margin.
func (p *Params) UnmarshalJSON(b []byte) error {
	// Reading a number takes the square of its digits.
	if len(b) > maxSet {
		return fmt.Errorf("a parameter set has at most %d bytes, not %d", maxSet, len(b))
	}
	var l literal
	if err := json.Unmarshal(b, &l); err != nil {
		return err
	}
	q, err := l.either()
	if err != nil {
		return fmt.Errorf("parameter set: %w", err)
	}
	*p = q
	return nil
}

// either takes a set with max_norm for one for scores.
func (l literal) either() (Params, error) {
	if l.MaxNorm != 0 {
		p, err := l.scores()
		return p.Params(), err
	}
	p, err := l.sums()
	return p.Params(), err
}
