package he

import (
	"fmt"
	"math/big"
)

// A ScoreDecryptor decodes scores exactly. It may be used from several goroutines.
type ScoreDecryptor struct {
	*decoder
	params ScoreParams
}

// NewScoreDecryptor prepares decryption under sk.
func NewScoreDecryptor(params ScoreParams, sk *SecretKey) (*ScoreDecryptor, error) {
	d, err := newDecoder(params.PlaneParams, params.Scale(), sk)
	if err != nil {
		return nil, err
	}
	return &ScoreDecryptor{d, params}, nil
}

// Decode returns the exact answers of the samples of a tile, or ErrDamaged where an
// answer is beyond MaxAnswer, a coefficient is further from the grid than noise and
// flooding can take it, or there is an answer where there is no sample.
func (d *ScoreDecryptor) Decode(sum Sum, samples int) ([]int64, error) {
	p := d.params
	if samples < 1 || samples > p.N() {
		return nil, fmt.Errorf("%d samples do not make a tile", samples)
	}
	if err := sum.Validate(p.chain); err != nil {
		return nil, err
	}
	all, damaged := make([]int64, p.N()), false
	limit, tolerance := p.MaxAnswer(), p.tolerance()
	d.decode(d.phase(sum), func(j int, value, residual *big.Int) {
		all[j] = value.Int64()
		damaged = damaged || !value.IsInt64() || all[j] > limit || all[j] < -limit || residual.CmpAbs(tolerance) > 0
	})
	answers := make([]int64, samples)
	for i := range p.N() {
		x := all[p.chain.position(i)]
		if i < samples {
			answers[i] = x
		} else {
			damaged = damaged || x != 0
		}
	}
	if damaged {
		return nil, ErrDamaged
	}
	return answers, nil
}
