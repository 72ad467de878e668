package bam

import (
	"math"

	"genoveil/genomics"
)

// A Call is what the reads say about one sample at one site.
type Call struct {
	Genotype genomics.Genotype
	GQ       uint8     // -10 log10 of the chance that the most probable genotype is wrong, at most 99
	Depth    uint16    // fragments that show REF or ALT
	PL       [3]uint16 // -10 log10 of the genotypes' likelihoods, relative to the greatest

	other uint16 // fragments that show a third base
}

// Costs are -10 log10 of probabilities, in thousandths. As integers their sums do
// not depend on the order of the reads, so that reading a file in one pass or
// through its index gives the same bits.
type cost = int64

const (
	costUnit   = 1000
	minQuality = 2  // of a base; worse ones would say less than nothing
	maxQuality = 60 // of a base; the mapping is seldom surer
)

func costOf(probability float64) cost {
	return cost(math.Round(-10 * costUnit * math.Log10(probability)))
}

// The costs of seeing a base: where both alleles are that base, where one of two
// is, and where neither is. A base of quality q is wrong with chance e = 10^(-q/10),
// and then each of the three other bases equally often.
var same, half, different = func() (s, h, d [maxQuality + 1]cost) {
	for q := minQuality; q <= maxQuality; q++ {
		e := math.Pow(10, -float64(q)/10)
		s[q], h[q], d[q] = costOf(1-e), costOf((1-e)/2+e/6), costOf(e/3)
	}
	return s, h, d
}()

// A prior has the costs of the genotypes before any read is seen.
type prior [3]cost

// rarest is the least frequency of an allele that a prior assumes: a site's AF of
// 0 means rare among those whom it comes from.
const rarest = 0.001

// newPrior returns the genotypes' costs in Hardy–Weinberg proportions with ALT at
// frequency f, or equal ones where f is NaN.
func newPrior(f float64) prior {
	if math.IsNaN(f) {
		return prior{}
	}
	f = min(max(f, rarest), 1-rarest)
	return prior{costOf((1 - f) * (1 - f)), costOf(2 * f * (1 - f)), costOf(f * f)}
}

// A homozygote's fragments may err together, which qualities do not tell: a part of them
// is of another place in the genome, or of another sample. With the usual filters, one
// call is wrong in 100,000 to 200,000 bases (Li 2014, Bioinformatics 30:2843). The part is
// mostly small, so greater shares are left to the heterozygotes.
const (
	together     = 50 * costUnit // one in 100,000
	togetherMost = 0.2           // of the fragments
)

// errTogether is the cost of so many fragments of the minor allele if they err together,
// with the share that fits best.
func errTogether(minor, depth int) float64 {
	share := min(float64(minor)/float64(max(1, depth)), togetherMost)
	fit := float64(depth-minor) * math.Log10(1-share)
	if minor > 0 {
		fit += float64(minor) * math.Log10(share)
	}
	return together - 10*costUnit*fit
}

// decide makes a call from the costs of what was seen, given each genotype. The
// genotype is the most probable one even if nothing was seen. minor of depth fragments
// show the allele that fewer show.
func decide(seen [3]cost, p prior, minor, depth int) (c Call) {
	least := min(seen[0], seen[1], seen[2])
	total := seen
	for g := range total {
		c.PL[g] = uint16(min((seen[g]-least+costUnit/2)/costUnit, math.MaxUint16))
		total[g] += p[g]
		if total[g] < total[c.Genotype] {
			c.Genotype = byte(g)
		}
	}
	// Relative to the best, the others' probabilities.
	others := 0.0
	for g := range total {
		if byte(g) != c.Genotype {
			others += math.Pow(10, -float64(total[g]-total[c.Genotype])/(10*costUnit))
		}
	}
	if c.Genotype == 1 {
		odds := float64(seen[1]) - errTogether(minor, depth)
		others += math.Pow(10, min(odds/(10*costUnit), 100)) // which is finite
	}
	c.GQ = uint8(min(-10*math.Log10(others/(1+others)), 99))
	return c
}
