package he

import (
	"fmt"
	"math"
	"math/big"

	"genoveil/kernels/cpu"
)

const (
	// floodMargin is log2 of flooding over the noise bound. A coefficient with noise e
	// under uniform flooding of ±F is at statistical distance |e|/2F ≤ 2^-54 from one
	// with none; 2^13 coefficients of a ciphertext make that 2^-41.
	floodMargin = 53

	// scoreNorm is L of planned sets: a million weights keep 23 bits if all are alike.
	// It is the norm whose noise bound is just below 2^38.
	scoreNorm = 8_500_000_000

	// scoreFloodBits is f of planned sets.
	scoreFloodBits = 38 + floodMargin

	// scorePositions is M of planned sets: 8,192 lanes of N.
	scorePositions = 1 << 26

	// scoreAnswer bounds answers where the modulus does not: they are decoded to 64
	// bits.
	scoreAnswer = 1<<62 - 1

	// scoreMaxPlane is the largest V that is planned for: steps of a thousandth.
	scoreMaxPlane = 1000

	// maxNorm bounds L, and so every weight.
	maxNorm = 1 << 40
)

// Scoring says whether the set is for scores, not for sums.
func (p Params) Scoring() bool { return p.lit.MaxNorm != 0 }

// PrivateModel says whether the set is for scores of an encrypted model.
func (p Params) PrivateModel() bool { return p.lit.ModelScale != nil }

// MaxNorm is L: the 2-norm of all weights of a score must not exceed it.
func (p Params) MaxNorm() int64 { return p.lit.MaxNorm }

// MaxPositions is the largest number of positions, N for every block and plane,
// that a score may be summed over.
func (p Params) MaxPositions() int64 {
	if !p.PrivateModel() {
		return math.MaxInt64
	}
	return p.lit.MaxPositions
}

// FloodBits is f: answers are flooded uniformly in [−2^f, 2^f). It is 0 in sets for
// encrypted models, whose answers are not flooded.
func (p Params) FloodBits() int { return p.lit.FloodBits }

// ModelScale is Δw, the factor of weights in the ciphertexts of an encrypted model,
// or nil. It must not be changed.
func (p Params) ModelScale() *big.Int { return p.lit.ModelScale }

// MaxAnswer is A: answers within ±A decode exactly; what is beyond may decode to
// another answer, so scales must be chosen such that none is. It is 0 in sets for sums.
func (p Params) MaxAnswer() int64 {
	if !p.Scoring() {
		return 0
	}
	// (2A+1)·Δ ≤ Q
	a := new(big.Int).Div(p.modulus, p.Scale())
	a.Sub(a, big.NewInt(1)).Rsh(a, 1)
	if a.Cmp(big.NewInt(scoreAnswer)) > 0 {
		return scoreAnswer
	}
	return a.Int64()
}

// tolerance is the distance from the grid beyond which a score is refused.
func (p Params) tolerance() *big.Int {
	noise := p.ScoreNoise()
	if !p.PrivateModel() {
		noise += p.lit.publicSigma()
	}
	limit, _ := big.NewFloat(math.Ceil(RejectMargin * noise)).Int(nil)
	if !p.PrivateModel() {
		limit.Add(limit, new(big.Int).Lsh(big.NewInt(1), uint(p.lit.FloodBits)))
	}
	return limit
}

// checkScores verifies a set for scores: that it decodes exactly, that what is
// damaged is noticed, and that flooding drowns the noise.
func (p Params) checkScores() error {
	l := p.lit
	if l.ColumnScale != 0 || l.MaxColumn != 0 || l.Batch != 0 || len(l.Dropped) != 0 {
		return fmt.Errorf("columns, batches and dropped primes belong to sets for sums, which have no max_norm")
	}
	if l.MaxPlane < 1 || l.MaxPlane > math.MaxInt32 || l.MaxNorm < 1 || l.MaxNorm > maxNorm {
		return fmt.Errorf("planes up to %d and models of norm %d are outside what sets for scores may have", l.MaxPlane, l.MaxNorm)
	}
	if p.PrivateModel() {
		if l.FloodBits != 0 || l.ModelScale.Sign() <= 0 || l.ModelScale.Cmp(p.modulus) >= 0 || l.MaxPositions < 1 || l.MaxPositions > 1<<40 {
			return fmt.Errorf("a set for encrypted models has a scale of the model, a number of positions and no flooding")
		}
		if m := toFloat(p.Scale()) / 2 / p.ScoreNoise(); !(m >= MinMargin) { // also if it is not a number
			return fmt.Errorf("scores would be only %.1f standard deviations from a wrong rounding; %.1f are required", m, MinMargin)
		}
	} else {
		if l.MaxPositions != 0 || l.FloodBits < 1 || l.FloodBits > maxFloodBits {
			return fmt.Errorf("a set for scores floods by 1 to %d bits and has no number of positions", maxFloodBits)
		}
		if bits := math.Log2(RejectMargin * p.ScoreNoise()); !(float64(l.FloodBits) >= bits+floodMargin) {
			return fmt.Errorf("flooding of %d bits does not drown noise of %.1f bits; it must have %d more", l.FloodBits, bits, floodMargin)
		}
	}
	// Twice the room that decoding needs: a coefficient of a damaged ciphertext, which
	// is anywhere, passes with probability one half, and a ciphertext has N.
	if room := new(big.Int).Lsh(p.tolerance(), 2); p.Scale().Cmp(room) < 0 {
		return fmt.Errorf("the grid of scores is too fine for noise and flooding of %d bits", p.tolerance().BitLen())
	}
	if p.MaxAnswer() < 1 {
		return fmt.Errorf("a modulus of %d bits leaves no room for answers", p.modulus.BitLen())
	}
	return nil
}

// maxFloodBits keeps flooding inside two words.
const maxFloodBits = 126

// PlanScore is the set for scores of plane values up to V in absolute value under a
// model in the clear. It depends on nothing but V.
func PlanScore(V int64) (Params, error) {
	chain, err := scoreChain(V)
	if err != nil {
		return Params{}, err
	}
	// The finest grid with room for flooding, 4·2^f, and noise, 2^-40 of it. What it
	// leaves is for answers.
	scale := big.NewInt(1<<40 + 1)
	scale.Lsh(scale, scoreFloodBits+2-40)
	return newParams(literal{Chain: chain, PlaneScale: scale, MaxPlane: V, MaxNorm: scoreNorm, FloodBits: scoreFloodBits})
}

// PlanPrivateModel is the set for scores of plane values up to V in absolute value
// under an encrypted model. It has the primes of PlanScore, so that the same keys
// serve both.
func PlanPrivateModel(V int64) (Params, error) {
	chain, err := scoreChain(V)
	if err != nil {
		return Params{}, err
	}
	// The widest grid on which answers up to scoreAnswer take a sixteenth of the modulus,
	// so that what is damaged is mostly out of range. Δg and Δw make the two leading
	// terms of the noise equal.
	scale := big.NewInt(scoreAnswer)
	scale.Div(product(chain.Sums), scale.Lsh(scale, 5))
	ratio := math.Sqrt(float64(V) * math.Sqrt(scorePositions) / scoreNorm)
	model, _ := big.NewFloat(math.Floor(math.Sqrt(toFloat(scale)) * ratio)).Int(nil)
	plane := new(big.Int).Div(scale, model)
	return newParams(literal{Chain: chain, PlaneScale: plane, MaxPlane: V, MaxNorm: scoreNorm, ModelScale: model, MaxPositions: scorePositions})
}

// scoreChain has five primes for sums of planes of −1, 0, 1 and six of wider ones.
func scoreChain(V int64) (Chain, error) {
	if V < 1 || V > scoreMaxPlane {
		return Chain{}, fmt.Errorf("cannot plan scores of plane values up to %d: 1 to %d is possible", V, scoreMaxPlane)
	}
	count := 5
	if V > 1 {
		count = 6
	}
	primes := PrimesBelow(1<<cpu.MaxModulusBits, planLogN, count+1)
	return Chain{LogN: planLogN, Sums: primes[:count], Dropped: []uint32{}, Switches: primes[count:]}, nil
}

// residue is x modulo a prime.
func residue(t *cpu.NTT, x *big.Int) uint32 {
	q := big.NewInt(int64(t.Q))
	return uint32(q.Mod(x, q).Uint64())
}
