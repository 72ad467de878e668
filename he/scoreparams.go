package he

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
)

// A ScoreParams is a complete, validated, immutable set for scores: the chain and the
// scales and sizes that make them exact, and flooding that hides a model in the clear.
// Only PlanScore, PlanPrivateModel and files make one.
type ScoreParams struct {
	PlaneParams
	maxNorm      int64
	floodBits    int      // of a model in the clear
	modelScale   *big.Int // of an encrypted model, else nil
	maxPositions int64
}

// PrivateModel says whether the set is for scores of an encrypted model.
func (p ScoreParams) PrivateModel() bool { return p.modelScale != nil }

// MaxNorm is L: the 2-norm of all weights of a score must not exceed it.
func (p ScoreParams) MaxNorm() int64 { return p.maxNorm }

// MaxPositions is the largest number of positions, N for every block and plane,
// that a score may be summed over.
func (p ScoreParams) MaxPositions() int64 {
	if !p.PrivateModel() {
		return math.MaxInt64
	}
	return p.maxPositions
}

// FloodBits is f: answers are flooded uniformly in [−2^f, 2^f). It is 0 in sets for
// encrypted models, whose answers are not flooded.
func (p ScoreParams) FloodBits() int { return p.floodBits }

// ModelScale is Δw, the factor of weights in the ciphertexts of an encrypted model,
// or nil. It must not be changed.
func (p ScoreParams) ModelScale() *big.Int { return p.modelScale }

// Scale is the spacing of the grid that scores are rounded to: Δg, or Δg·Δw of an
// encrypted model.
func (p ScoreParams) Scale() *big.Int {
	if !p.PrivateModel() {
		return new(big.Int).Set(p.planeScale)
	}
	return new(big.Int).Mul(p.planeScale, p.modelScale)
}

// MaxAnswer is A: answers within ±A decode exactly; what is beyond may decode to
// another answer, so scales must be chosen such that none is.
func (p ScoreParams) MaxAnswer() int64 {
	// (2A+1)·Δ ≤ Q
	a := new(big.Int).Div(p.modulus, p.Scale())
	a.Sub(a, big.NewInt(1)).Rsh(a, 1)
	if a.Cmp(big.NewInt(scoreAnswer)) > 0 {
		return scoreAnswer
	}
	return a.Int64()
}

// Equal says whether two sets are the same.
func (p ScoreParams) Equal(o ScoreParams) bool { return p.literal().equal(o.literal()) }

// Params is the set, where one for sums may be as well.
func (p ScoreParams) Params() Params { return Params{PlaneParams: p.PlaneParams, scores: p} }

// MarshalJSON writes the set as docs/format.md describes.
func (p ScoreParams) MarshalJSON() ([]byte, error) { return json.Marshal(p.literal()) }

// UnmarshalJSON reads and validates a set as Params does, and refuses one for sums.
func (p *ScoreParams) UnmarshalJSON(b []byte) error {
	var either Params
	if err := either.UnmarshalJSON(b); err != nil {
		return err
	}
	scores, err := either.Scores()
	if err != nil {
		return err
	}
	*p = scores
	return nil
}

func (p ScoreParams) literal() literal {
	l := p.PlaneParams.literal()
	l.MaxNorm, l.FloodBits, l.ModelScale, l.MaxPositions = p.maxNorm, p.floodBits, p.modelScale, p.maxPositions
	return l
}

// scores verifies a set for scores: that it decodes exactly, that what is damaged is
// noticed, and that flooding drowns the noise.
func (l literal) scores() (ScoreParams, error) {
	planes, err := l.planes()
	if err != nil {
		return ScoreParams{}, err
	}
	if l.ColumnScale != 0 || l.MaxColumn != 0 || l.Batch != 0 || len(l.Dropped) != 0 {
		return ScoreParams{}, fmt.Errorf("columns, batches and dropped primes belong to sets for sums, which have no max_norm")
	}
	if l.MaxPlane < 1 || l.MaxPlane > math.MaxInt32 || l.MaxNorm < 1 || l.MaxNorm > maxNorm {
		return ScoreParams{}, fmt.Errorf("planes up to %d and models of norm %d are outside what sets for scores may have", l.MaxPlane, l.MaxNorm)
	}
	p := ScoreParams{planes, l.MaxNorm, l.FloodBits, l.ModelScale, l.MaxPositions}
	check := p.checkFlooding
	if p.PrivateModel() {
		check = p.checkModel
	}
	if err := check(); err != nil {
		return ScoreParams{}, err
	}
	// Twice the room that decoding needs: a coefficient of a damaged ciphertext, which
	// is anywhere, passes with probability one half, and a ciphertext has N.
	if room := new(big.Int).Lsh(p.tolerance(), 2); p.Scale().Cmp(room) < 0 {
		return ScoreParams{}, fmt.Errorf("the grid of scores is too fine for noise and flooding of %d bits", p.tolerance().BitLen())
	}
	if p.MaxAnswer() < 1 {
		return ScoreParams{}, fmt.Errorf("a modulus of %d bits leaves no room for answers", p.modulus.BitLen())
	}
	return p, nil
}

// checkModel verifies what only sets for encrypted models have.
func (p ScoreParams) checkModel() error {
	if p.floodBits != 0 || p.modelScale.Sign() <= 0 || p.modelScale.Cmp(p.modulus) >= 0 || p.maxPositions < 1 || p.maxPositions > 1<<40 {
		return fmt.Errorf("a set for encrypted models has a scale of the model, a number of positions and no flooding")
	}
	if m := toFloat(p.Scale()) / 2 / p.ScoreNoise(); !(m >= MinMargin) { // also if it is not a number
		return fmt.Errorf("scores would be only %.1f standard deviations from a wrong rounding; %.1f are required", m, MinMargin)
	}
	return nil
}

// checkFlooding verifies what only sets for models in the clear have.
func (p ScoreParams) checkFlooding() error {
	if p.maxPositions != 0 || p.floodBits < 1 || p.floodBits > maxFloodBits {
		return fmt.Errorf("a set for scores floods by 1 to %d bits and has no number of positions", maxFloodBits)
	}
	if bits := math.Log2(RejectMargin * p.ScoreNoise()); !(float64(p.floodBits) >= bits+floodMargin) {
		return fmt.Errorf("flooding of %d bits does not drown noise of %.1f bits; it must have %d more", p.floodBits, bits, floodMargin)
	}
	return nil
}

// tolerance is the distance from the grid beyond which a score is refused.
func (p ScoreParams) tolerance() *big.Int {
	noise := p.ScoreNoise()
	if !p.PrivateModel() {
		noise += p.chain.publicSigma()
	}
	limit, _ := big.NewFloat(math.Ceil(RejectMargin * noise)).Int(nil)
	if !p.PrivateModel() {
		limit.Add(limit, new(big.Int).Lsh(big.NewInt(1), uint(p.floodBits)))
	}
	return limit
}
