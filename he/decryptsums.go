package he

import (
	"fmt"
	"math"
	"math/big"
)

// A SumDecryptor decodes sums exactly. It may be used from several goroutines.
type SumDecryptor struct {
	*decoder
	params SumParams
}

// NewSumDecryptor prepares decryption under sk.
func NewSumDecryptor(params SumParams, sk *SecretKey) (*SumDecryptor, error) {
	d, err := newDecoder(params.PlaneParams, params.Scale(), sk)
	if err != nil {
		return nil, err
	}
	return &SumDecryptor{d, params}, nil
}

// Decode returns the N exact values of a sum over n samples, n ≤ Batch, or
// ErrDamaged where a coefficient lies further from the grid than RejectMargin
// standard deviations of the error bound, or outside ±n·V·B.
func (d *SumDecryptor) Decode(sum Sum, n int) ([]int64, error) {
	if err := sum.Validate(d.params.Chain()); err != nil {
		return nil, err
	}
	if n < 1 || n > d.params.Batch() {
		return nil, fmt.Errorf("a sum over %d samples cannot be decoded exactly; batches have up to %d", n, d.params.Batch())
	}
	values := make([]int64, d.params.N())
	limit := int64(n) * d.params.MaxPlane() * d.params.MaxColumn()
	tolerance, _ := big.NewFloat(math.Ceil(RejectMargin * d.params.ErrorBound(n))).Int(nil)
	damaged := false
	d.decode(d.phase(sum), func(j int, value, residual *big.Int) {
		values[j] = value.Int64()
		damaged = damaged || !value.IsInt64() || values[j] > limit || values[j] < -limit || residual.CmpAbs(tolerance) > 0
	})
	if damaged {
		return nil, ErrDamaged
	}
	return values, nil
}
