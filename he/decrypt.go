package he

import (
	"fmt"
	"math/big"

	"genoveil/kernels/cpu"
)

// ErrDamaged reports a sum whose coefficients are not where exact arithmetic
// must have put them. It says nothing more on purpose: distances from the grid
// depend on the secret key.
var ErrDamaged = fmt.Errorf("check failed")

// A decoder lifts what a secret key decrypts to integers.
type decoder struct {
	planes PlaneParams
	ntt    []*cpu.NTT
	secret [][]uint32

	// Chinese remaindering: x = Σ r_l·inverse[l]·weight[l] mod Q.
	inverse []uint32
	weight  []*big.Int
	scale   *big.Int
}

func newDecoder(planes PlaneParams, scale *big.Int, sk *SecretKey) (*decoder, error) {
	chain := planes.Chain()
	if sk.N() != chain.N() {
		return nil, fmt.Errorf("secret key has ring degree %d, the parameter set %d", sk.N(), chain.N())
	}
	d := &decoder{planes: planes, scale: scale}
	for _, q := range chain.Sums {
		t, err := cpu.NewNTT(chain.N(), q)
		if err != nil {
			return nil, err
		}
		weight := new(big.Int).Div(planes.Modulus(), big.NewInt(int64(q)))
		rest := new(big.Int).Mod(weight, big.NewInt(int64(q)))
		d.ntt = append(d.ntt, t)
		d.secret = append(d.secret, sk.transformed(t))
		d.weight = append(d.weight, weight)
		d.inverse = append(d.inverse, t.Inv(uint32(rest.Uint64())))
	}
	return d, nil
}

// phase returns c0 + c1·s + c2·s² modulo each sum prime, in coefficients.
func (d *decoder) phase(sum Sum) [][]uint32 {
	n := d.planes.N()
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

// decode lifts every coefficient to (−Q/2, Q/2) and splits it into the nearest
// multiple of the scale and what is left.
func (d *decoder) decode(phase [][]uint32, visit func(j int, value, residual *big.Int)) {
	Q := d.planes.Modulus()
	half := new(big.Int).Rsh(Q, 1)
	halfScale := new(big.Int).Rsh(d.scale, 1)
	var x, term, value, residual big.Int
	for j := range d.planes.N() {
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
