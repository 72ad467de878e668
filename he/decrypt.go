package he

import (
	"fmt"
	"math"
	"math/big"

	"genoveil/kernels/cpu"
)

// ErrDamaged reports a sum whose coefficients are not where exact arithmetic
// must have put them. It says nothing more on purpose: distances from the grid
// depend on the secret key.
var ErrDamaged = fmt.Errorf("check failed")

// A Decryptor decodes sums exactly. It may be used from several goroutines.
type Decryptor struct {
	params Params
	ntt    []*cpu.NTT
	secret [][]uint32

	// Chinese remaindering: x = Σ r_l·inverse[l]·weight[l] mod Q.
	inverse []uint32
	weight  []*big.Int
	scale   *big.Int
}

// NewDecryptor prepares decryption under sk.
func NewDecryptor(params Params, sk *SecretKey) (*Decryptor, error) {
	chain := params.Chain()
	if sk.N() != chain.N() {
		return nil, fmt.Errorf("secret key has ring degree %d, the parameter set %d", sk.N(), chain.N())
	}
	d := &Decryptor{params: params, scale: params.Scale()}
	for _, q := range chain.Sums {
		t, err := cpu.NewNTT(chain.N(), q)
		if err != nil {
			return nil, err
		}
		weight := new(big.Int).Div(params.Modulus(), big.NewInt(int64(q)))
		rest := new(big.Int).Mod(weight, big.NewInt(int64(q)))
		d.ntt = append(d.ntt, t)
		d.secret = append(d.secret, sk.transformed(t))
		d.weight = append(d.weight, weight)
		d.inverse = append(d.inverse, t.Inv(uint32(rest.Uint64())))
	}
	return d, nil
}

// phase returns c0 + c1·s + c2·s² modulo each sum prime, in coefficients.
func (d *Decryptor) phase(sum Sum) [][]uint32 {
	n := d.params.N()
	phase := make([][]uint32, len(d.ntt))
	for l, t := range d.ntt {
		row := func(component int) []uint32 {
			return sum.Residues[(component*len(d.ntt)+l)*n:][:n]
		}
		acc := append([]uint32(nil), row(sum.Components-1)...)
		for c := sum.Components - 2; c >= 0; c-- {
			t.MulVec(acc, acc, d.secret[l])
			t.AddVec(acc, acc, row(c))
		}
		t.Inverse(acc)
		phase[l] = acc
	}
	return phase
}

// Decode returns the N exact values of a sum over n samples, n ≤ Batch, or
// ErrDamaged where a coefficient lies further from the grid than RejectMargin
// standard deviations of the error bound, or outside ±n·V·B.
func (d *Decryptor) Decode(sum Sum, n int) ([]int64, error) {
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

// decode lifts every coefficient to (−Q/2, Q/2) and splits it into the nearest
// multiple of Δg·Δr and what is left.
func (d *Decryptor) decode(phase [][]uint32, visit func(j int, value, residual *big.Int)) {
	Q := d.params.Modulus()
	half := new(big.Int).Rsh(Q, 1)
	halfScale := new(big.Int).Rsh(d.scale, 1)
	var x, term, value, residual big.Int
	for j := range d.params.N() {
		x.SetInt64(0)
		for l, t := range d.ntt {
			term.SetUint64(uint64(t.Mul(phase[l][j], d.inverse[l])))
			x.Add(&x, term.Mul(&term, d.weight[l]))
		}
		x.Mod(&x, Q)
		if x.Cmp(half) > 0 {
			x.Sub(&x, Q)
		}
		// Floor division of x + scale/2 rounds to the nearest multiple.
		value.DivMod(term.Add(&x, halfScale), d.scale, &residual)
		residual.Sub(&residual, halfScale)
		visit(j, &value, &residual)
	}
}
