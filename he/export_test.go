package he

import "math/big"

// Residuals returns what decoding rounds away: the distance of every coefficient
// from the grid. It depends on the secret key and is for tests alone.
func (d *Decryptor) Residuals(sum Sum) []float64 {
	residuals := make([]float64, d.params.N())
	d.decode(d.phase(sum), func(j int, _, residual *big.Int) {
		residuals[j], _ = new(big.Float).SetInt(residual).Float64()
	})
	return residuals
}
