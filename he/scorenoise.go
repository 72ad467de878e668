package he

import "math"

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
// The owner knows the errors of the planes' ciphertexts. So what is not drowned is a set of linear
// equations in the weights, and even the size of the noise would tell ‖W‖₂. Hence
// flooding is 2^floodMargin times the bound for the largest norm L that the set
// allows, whatever the model: a model has no part in choosing it.

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
func (p ScoreParams) ScoreNoise() float64 {
	N, L, V := float64(p.N()), float64(p.maxNorm), float64(p.maxPlane)
	if !p.PrivateModel() {
		return math.Sqrt(errorSigma*errorSigma*L*L + p.packVariance())
	}
	// (Δg·v + e)·(Δw·w + e'), summed over M positions, less Δg·Δw·v·w. The constant's
	// error is added once for every sample of the tile.
	M, dg, dw := float64(p.maxPositions), toFloat(p.planeScale), toFloat(p.modelScale)
	variance := errorSigma * errorSigma
	return math.Sqrt(dg*dg*variance*V*V*M + dw*dw*variance*L*L + variance*variance*M + variance*N + p.packVariance())
}

// packVariance is that of packing, and relinearisation where models are encrypted.
func (p ScoreParams) packVariance() float64 {
	N := float64(p.N())
	variance := p.chain.switchVariance() * N * N / 3
	if p.PrivateModel() {
		variance += p.chain.switchVariance() * N * N
	}
	return variance
}

// publicSigma is the deviation of a public-key encryption of zero before flooding:
// e_b·u + e_0 + e_1·s with u and s ternary, 2N/3 non-zero coefficients with 5 % to
// spare.
func (c Chain) publicSigma() float64 {
	return errorSigma * math.Sqrt(1+2*1.05*2*float64(c.N())/3)
}
