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

	// maxFloodBits keeps flooding inside two words.
	maxFloodBits = 126
)

// PlanScore is the set for scores of plane values up to V in absolute value under a
// model in the clear. It depends on nothing but V.
func PlanScore(V int64) (ScoreParams, error) {
	chain, err := scoreChain(V)
	if err != nil {
		return ScoreParams{}, err
	}
	// The finest grid with room for flooding, 4·2^f, and noise, 2^-40 of it. What it
	// leaves is for answers.
	scale := big.NewInt(1<<40 + 1)
	scale.Lsh(scale, scoreFloodBits+2-40)
	return literal{Chain: chain, PlaneScale: scale, MaxPlane: V, MaxNorm: scoreNorm, FloodBits: scoreFloodBits}.scores()
}

// PlanPrivateModel is the set for scores of plane values up to V in absolute value
// under an encrypted model. It has the primes of PlanScore, so that the same keys
// serve both.
func PlanPrivateModel(V int64) (ScoreParams, error) {
	chain, err := scoreChain(V)
	if err != nil {
		return ScoreParams{}, err
	}
	// The widest grid on which answers up to scoreAnswer take a sixteenth of the modulus,
	// so that what is damaged is mostly out of range. Δg and Δw make the two leading
	// terms of the noise equal.
	scale := big.NewInt(scoreAnswer)
	scale.Div(product(chain.Sums), scale.Lsh(scale, 5))
	ratio := math.Sqrt(float64(V) * math.Sqrt(scorePositions) / scoreNorm)
	model, _ := big.NewFloat(math.Floor(math.Sqrt(toFloat(scale)) * ratio)).Int(nil)
	plane := new(big.Int).Div(scale, model)
	return literal{Chain: chain, PlaneScale: plane, MaxPlane: V, MaxNorm: scoreNorm, ModelScale: model, MaxPositions: scorePositions}.scores()
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
