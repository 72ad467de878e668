package he

import (
	"encoding/json"
	"fmt"
	"math/big"
)

// A SumParams is a complete, validated, immutable set for sums: the chain and the scales
// and sizes that make them exact. Only Plan and files make one.
type SumParams struct {
	PlaneParams
	columnScale uint64
	maxColumn   int64
	batch       int
}

// ColumnScale is Δr, the factor of column values in expanded ciphertexts.
func (p SumParams) ColumnScale() uint64 { return p.columnScale }

// MaxColumn is B, the largest absolute column value.
func (p SumParams) MaxColumn() int64 { return p.maxColumn }

// Batch is the largest number of samples that one ciphertext may sum over, a
// multiple of N. Sums over more samples are added after decryption.
func (p SumParams) Batch() int { return p.batch }

// Scale is the spacing of the grid that sums are rounded to, Δg·Δr.
func (p SumParams) Scale() *big.Int {
	scale := new(big.Int).SetUint64(p.columnScale)
	return scale.Mul(scale, p.planeScale)
}

// Equal says whether two sets are the same.
func (p SumParams) Equal(o SumParams) bool { return p.literal().equal(o.literal()) }

// Params is the set, where one for scores may be as well.
func (p SumParams) Params() Params { return Params{PlaneParams: p.PlaneParams, sums: p} }

// MarshalJSON writes the set as docs/format.md describes.
func (p SumParams) MarshalJSON() ([]byte, error) { return json.Marshal(p.literal()) }

// UnmarshalJSON reads and validates a set as Params does, and refuses one for scores.
func (p *SumParams) UnmarshalJSON(b []byte) error {
	var either Params
	if err := either.UnmarshalJSON(b); err != nil {
		return err
	}
	sums, err := either.Sums()
	if err != nil {
		return err
	}
	*p = sums
	return nil
}

func (p SumParams) literal() literal {
	l := p.PlaneParams.literal()
	l.ColumnScale, l.MaxColumn, l.Batch = p.columnScale, p.maxColumn, p.batch
	return l
}

// sums verifies a set for sums.
func (l literal) sums() (SumParams, error) {
	planes, err := l.planes()
	if err != nil {
		return SumParams{}, err
	}
	if l.FloodBits != 0 || l.ModelScale != nil || l.MaxPositions != 0 {
		return SumParams{}, fmt.Errorf("flooding and a model's scale belong to sets for scores, which have max_norm")
	}
	if len(l.Dropped) == 0 {
		return SumParams{}, fmt.Errorf("packed columns need at least one prime more than sums")
	}
	if l.ColumnScale == 0 || l.MaxPlane < 1 || l.MaxColumn < 1 || l.Batch < 1 {
		return SumParams{}, fmt.Errorf("scales, bounds and batch must be positive")
	}
	if l.Batch%l.N() != 0 {
		return SumParams{}, fmt.Errorf("a batch of %d samples is not a whole number of packed columns", l.Batch)
	}
	p := SumParams{planes, l.ColumnScale, l.MaxColumn, l.Batch}
	if err := p.checkExact(); err != nil {
		return SumParams{}, err
	}
	return p, nil
}
