package he

import (
	"math"
	"math/big"

	"genoveil/kernels/cpu"
)

// Residuals returns what decoding rounds away: the distance of every coefficient
// from the grid. It depends on the secret key and is for tests alone.
func (d *decoder) Residuals(sum Sum) []float64 {
	residuals := make([]float64, d.planes.N())
	d.decode(d.phase(sum), func(j int, _, residual *big.Int) {
		residuals[j], _ = new(big.Float).SetInt(residual).Float64()
	})
	return residuals
}

// Values returns what every coefficient decodes to, in the order of samples.
func (d *decoder) Values(sum Sum) []int64 {
	values := make([]int64, d.planes.N())
	d.decode(d.phase(sum), func(j int, value, _ *big.Int) { values[d.planes.chain.position(j)] = value.Int64() })
	return values
}

// Position is the coefficient of sample i of a tile.
func (c Chain) Position(i int) int { return c.position(i) }

// PackNoise is the standard deviation that bounds the noise of coefficients without
// a sample.
func (p ScoreParams) PackNoise() float64 { return math.Sqrt(p.packVariance()) }

// PublicNoise is that of a public-key encryption of zero.
func (p ScoreParams) PublicNoise() float64 { return p.chain.publicSigma() }

// FloodNoise draws the flooding of n coefficients with errors, modulo a prime by the
// code that is used and by arithmetic on long integers.
func FloodNoise(t *cpu.NTT, bits int) (got, want []uint32, err error) {
	f, err := newFlooding(t.N, bits)
	if err != nil {
		return nil, nil, err
	}
	got = make([]uint32, t.N)
	f.noise(got, t)
	lowest := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	span := new(big.Int).Lsh(lowest, 1)
	for j, e := range f.errors[0] {
		word := make([]byte, 16) // big-endian
		for i := range word {
			word[i] = f.words[16*j+15-i]
		}
		x := new(big.Int).SetBytes(word)
		x.Mod(x, span).Sub(x, lowest).Add(x, big.NewInt(int64(e)))
		want = append(want, residue(t, x))
	}
	return got, want, nil
}

// Ternaries draws the masks of one reply.
func Ternaries(n int) ([]int8, error) {
	f, err := newFlooding(n, 1)
	if err != nil {
		return nil, err
	}
	return f.ternary, nil
}

// Residue is x modulo a prime.
func Residue(t *cpu.NTT, x *big.Int) uint32 { return residue(t, x) }
