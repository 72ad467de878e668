package glm

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// skewLimit is the skewness |κ₃|/V^1.5 of U below which the normal distribution
// is used. At the limit the two-sided P values differ by 0.2 % at 1e-8.
const skewLimit = 2e-3

// logPoissonTail is the log of the two-sided P value of a score U with variance V
// and third cumulant κ₃, by a shifted and scaled Poisson variable with the same
// three cumulants: the mid-P value, half the probability of what was observed
// plus that of everything beyond, at U and at −U. Probabilities between the
// Poisson variable's integers are interpolated by the incomplete gamma function.
//
// It is far closer than the normal distribution where a variant's few carriers or
// few cases make U a skewed count: see benchmarks/rarevariants.
func logPoissonTail(u, v, k3 float64) float64 {
	lambda := v / k3 * v / k3 * v
	distance := math.Abs(u) * v / math.Abs(k3)
	high, low := lambda+distance, lambda-distance
	upper := logSum(logGammaP(high, lambda), logGammaP(high+1, lambda))
	lower := logSum(logGammaQ(low+1, lambda), logGammaQ(low, lambda))
	return min(logSum(upper, lower)-math.Ln2, 0)
}

// logSum is log(eᵃ + eᵇ).
func logSum(a, b float64) float64 {
	a, b = max(a, b), min(a, b)
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// logTiny is where logGammaP and logGammaQ give up the library's functions, which
// underflow at e⁻⁷⁴⁵ and lose digits before.
const logTiny = -650

// logGammaP is the log of the regularised lower incomplete gamma function P(a, x),
// x > 0: the probability that a Poisson variable with mean x is a or more.
func logGammaP(a, x float64) float64 {
	if a <= 0 {
		return 0
	}
	front := logPoisson(a, x)
	if a < x || front > logTiny {
		return math.Log(mathext.GammaIncReg(a, x))
	}
	// The power series of DLMF 8.7.1; its terms fall at least like (x/a)ⁿ.
	s, term := 1.0, 1.0
	for k := 1.0; term > 1e-16*s; k++ {
		term *= x / (a + k)
		s += term
	}
	return front + math.Log(s)
}

// logGammaQ is the log of the upper one, Q(a, x): the probability that a Poisson
// variable with mean x is less than a.
func logGammaQ(a, x float64) float64 {
	if a <= 0 {
		return math.Inf(-1)
	}
	front := logPoisson(a, x)
	if a > x || front > logTiny {
		return math.Log(mathext.GammaIncRegComp(a, x))
	}
	// Repeated integration by parts, Q(a, x) = f(a−1) + f(a−2) + … with f the
	// Poisson probability, down to where it no longer matters.
	s, term := 0.0, a/x
	for k := a; k > 0 && term > 1e-16*s; k-- {
		s += term
		term *= (k - 1) / x
	}
	return front + math.Log(s)
}

// logPoisson is log(e⁻ˣ xᵃ/Γ(a+1)). Stirling's formula keeps the large parts of
// the three factors together, so that they cancel before they are rounded
// (Loader, "Fast and accurate computation of binomial probabilities", 2000).
func logPoisson(a, x float64) float64 {
	if a < 15 {
		g, _ := math.Lgamma(a + 1)
		return a*math.Log(x) - x - g
	}
	b := 1 / a
	stirling := b/12 - b*b*b/360 + b*b*b*b*b/1260 - b*b*b*b*b*b*b/1680
	return -a*relativeEntropy((x-a)/a) - math.Log(2*math.Pi*a)/2 - stirling
}

// relativeEntropy is δ − log(1+δ) for δ > −1.
func relativeEntropy(delta float64) float64 {
	if math.Abs(delta) > 0.1 {
		return delta - math.Log1p(delta)
	}
	s, power := 0.0, -delta
	for k := 2.0; k < 20; k++ {
		power *= -delta
		s += power / k
	}
	return s
}
