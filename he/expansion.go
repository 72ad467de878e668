package he

// An ExpansionStep splits nodes of the expansion tree into 2^Levels children. A
// node at depth d is a polynomial in X^(2^d), the samples of one aligned range;
// with R = 2^Levels and g_k = 1 + k·2N/(R·2^d), child s keeps the coefficients
// ≡ s mod R of that polynomial, times R:
//
//	child_s = X^(−2^d·s) · Σ_k ω^(−s·k) · σ_k(node),  ω = X^(2N/R),  0 ≤ k < R
//
// where σ_k is X → X^(g_k). All σ_k of a node share one decomposition into digits
// ("hoisting": Halevi and Shoup, CRYPTO 2018), and the sum is taken modulo Q·P,
// so that there is one division by P for every child and none for every σ_k. With
// R = 8 that is 12.5 transforms a child against 30 with R = 2, which is what
// expansion costs.
type ExpansionStep struct{ Depth, Levels int }

// expansionLevels is the number of levels of a step: more levels save little more
// and double the keys each.
const expansionLevels = 3

// ExpansionSteps lists the steps from the root down. Each has three levels; the
// first has what is left.
func (c Chain) ExpansionSteps() []ExpansionStep {
	var steps []ExpansionStep
	depth, levels := 0, (c.LogN-1)%expansionLevels+1
	for depth < c.LogN {
		steps = append(steps, ExpansionStep{depth, levels})
		depth, levels = depth+levels, expansionLevels
	}
	return steps
}

// Children is R, the number of children of a node.
func (s ExpansionStep) Children() int { return 1 << s.Levels }

// Element is the exponent g_k of the automorphism σ_k in a ring of degree n.
func (s ExpansionStep) Element(n, k int) uint64 { return uint64(1 + k*2*n>>(s.Depth+s.Levels)) }

// expansionElements lists the exponents of all steps in the order of keys: for
// each step k = 1 … R−1.
func (c Chain) expansionElements() []uint64 {
	var elements []uint64
	for _, step := range c.ExpansionSteps() {
		for k := 1; k < step.Children(); k++ {
			elements = append(elements, step.Element(c.N(), k))
		}
	}
	return elements
}
