package he

import (
	"fmt"
	"math"
	"math/big"

	"genoveil/kernels/cpu"
)

// The noise of a score before flooding.
//
// A hidden model in the clear. A sample's ciphertext of N positions has an error
// polynomial e, centred binomial of deviation σ in every coefficient, and is
// multiplied by the polynomial of N weights w. A coefficient of e·w is the sum of
// all w_j, each times one of the errors with a sign, so its deviation is σ·‖w‖₂;
// errors of different ciphertexts are independent, so over all blocks and planes it
// is σ·‖W‖₂ ≤ σ·L with W all weights of the score. Half-coins are sub-Gaussian with
// their variance as proxy, and so are sums of them: z deviations are exceeded with
// probability below 2·exp(−z²/2), which is 2^-70 at z = RejectMargin.
//
// Packing. Every merge of two nodes of the tree switches keys once, with an error
// of variance κ². The trace of the levels above keeps a coefficient's error and
// doubles it, so an error of the merge of level l is multiplied by 2^(log N − l):
// 2^12 at N = 8192 for the first. The switches on the way from a sample to the root
// use different keys, and add up to κ²·Σ_l 4^(log N − l) < κ²·N²/3. In the mode with
// an encrypted model each sample is relinearised before the first merge, which adds
// κ²·N².
//
// The owner knows the genotypes' errors. So what is not drowned is a set of linear
// equations in the weights, and even the size of the noise would tell ‖W‖₂. Hence
// flooding is 2^floodMargin times the bound for the largest norm L that the set
// allows, whatever the model: a model has no part in choosing it.
const (
	// floodMargin is log2 of flooding over the noise bound. A coefficient with noise e
	// under uniform flooding of ±F is at statistical distance |e|/2F ≤ 2^-54 from one
	// with none; 2^13 coefficients of a ciphertext make that 2^-41.
	floodMargin = 53

	// scoreNorm is L of planned sets: weights of a million variants keep 23 bits if all
	// are alike. It is the norm whose noise bound is just below 2^38.
	scoreNorm = 8_500_000_000

	// scoreFloodBits is f of planned sets.
	scoreFloodBits = 38 + floodMargin

	// scorePositions is M of planned sets: 8,192 lanes of N.
	scorePositions = 1 << 26

	// scoreAnswer bounds answers where the modulus does not: they are decoded to 64
	// bits.
	scoreAnswer = 1<<62 - 1

	// maxNorm bounds L, and so every weight.
	maxNorm = 1 << 40
)

// switchVariance is κ², the variance of a key-switch modulo the sum primes: every
// digit is uniform within ±q/2 and meets a key error in each of N places, divided
// by P, and the division rounds (columnSigma).
func (c Chain) switchVariance() float64 {
	n, digits := float64(c.N()), 0.0
	for _, q := range c.Sums {
		ratio := float64(q) / float64(c.Switches[0])
		digits += ratio * ratio
	}
	return digits*n/12*errorSigma*errorSigma + (1+1.05*2*n/3)/12
}

// ScoreNoise is the standard deviation that bounds the noise of an answer, without
// flooding and its public-key encryption.
func (p Params) ScoreNoise() float64 {
	N, L, V := float64(p.N()), float64(p.lit.MaxNorm), float64(p.lit.MaxPlane)
	if !p.PrivateModel() {
		return math.Sqrt(errorSigma*errorSigma*L*L + p.packVariance())
	}
	// (Δg·v + e)·(Δw·w + e'), summed over M positions, less Δg·Δw·v·w. The constant's
	// error is added once for every sample of the tile.
	M, dg, dw := float64(p.lit.MaxPositions), toFloat(p.lit.PlaneScale), toFloat(p.lit.ModelScale)
	variance := errorSigma * errorSigma
	return math.Sqrt(dg*dg*variance*V*V*M + dw*dw*variance*L*L + variance*variance*M + variance*N + p.packVariance())
}

// packVariance is that of packing, and relinearisation where models are encrypted.
func (p Params) packVariance() float64 {
	N := float64(p.N())
	variance := p.lit.switchVariance() * N * N / 3
	if p.PrivateModel() {
		variance += p.lit.switchVariance() * N * N
	}
	return variance
}

// publicSigma is the deviation of a public-key encryption of zero before flooding:
// e_b·u + e_0 + e_1·s with u and s ternary, 2N/3 non-zero coefficients with 5 % to
// spare.
func (c Chain) publicSigma() float64 {
	return errorSigma * math.Sqrt(1+2*1.05*2*float64(c.N())/3)
}

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
		if m := toFloat(p.Scale()) / 2 / p.ScoreNoise(); m < MinMargin {
			return fmt.Errorf("scores would be only %.1f standard deviations from a wrong rounding; %.1f are required", m, MinMargin)
		}
	} else {
		if l.MaxPositions != 0 || l.FloodBits < 1 || l.FloodBits > maxFloodBits {
			return fmt.Errorf("a set for scores floods by 1 to %d bits and has no number of positions", maxFloodBits)
		}
		if bits := math.Log2(RejectMargin * p.ScoreNoise()); float64(l.FloodBits) < bits+floodMargin {
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

// PlanScore is the set for scores of genotypes up to V in absolute value under a
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

// PlanPrivateModel is the set for scores of genotypes up to V in absolute value
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

// scoreChain has five primes for sums of hard calls and six of dosages.
func scoreChain(V int64) (Chain, error) {
	if V < 1 || V > 1000 {
		return Chain{}, fmt.Errorf("cannot plan scores of genotypes up to %d: 1 to 1000 is possible", V)
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
