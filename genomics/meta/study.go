package meta

import (
	"fmt"
	"math"
)

// A Scheme is how METAL weighs sites.
type Scheme int

const (
	StdErr     Scheme = iota // w = 1/SE² of the effect β
	SampleSize               // w = N, and β = z/√N with the z of P and the sign of the effect
)

// A Word is one integer of a contribution. Fractions are in fixed point, see exponents.
type Word int

const (
	sumSites     Word = iota // 1
	sumSamples               // N
	sumCases                 // 0 where the trait is quantitative
	sumAlleles               // 2·N·f, rounded: copies of ALT
	sumEffective             // 4·cases·controls/N, rounded; N where the trait is quantitative
	sumInfo                  // in units of 2^-16; 0 where there is none
	sumInfoSites             // 1 where there is an INFO
	sumW
	sumWBeta
	sumWFreq
	sumWBeta2
	sumWFreq2
	sumW2
)

var wordNames = [...]string{"sites", "N", "cases", "allele count", "effective N", "INFO", "sites with INFO", "w", "w·β", "w·f", "w·β²", "w·f²", "w²"}

func (w Word) String() string { return wordNames[w] }

// A Study says what is added up. All sites use the same, which is made of public numbers.
// The words of disjoint groups of sites, such as ancestries, add up like those of sites.
type Study struct {
	Scheme Scheme

	// Contributors is how many vectors are added at most, and N the number of samples that
	// all of them declare.
	Contributors int
	N            int

	// ResidualSD is the standard deviation of a quantitative trait's residuals, in the unit
	// that the study fixed; 0 for cases and controls. SampleSize does without.
	ResidualSD float64

	// Core adds up w, w·β and N alone.
	Core bool

	// Heterogeneity adds w·β², FrequencySE w·f², and Tau w², which τ² needs beside
	// Heterogeneity. With few sites, w·β² and w·f² beside the others tell what a site has.
	Heterogeneity, FrequencySE, Tau bool
}

// Words are the integers of a variant, in their order. Squares are the last of them.
func (s *Study) Words() []Word {
	if s.Core && s.Scheme == SampleSize { // w is N
		return []Word{sumSamples, sumWBeta}
	}
	if s.Core {
		return []Word{sumSamples, sumW, sumWBeta}
	}
	words := []Word{sumSites, sumSamples, sumCases, sumAlleles, sumEffective, sumInfo, sumInfoSites}
	if s.Scheme == StdErr {
		words = append(words, sumW)
	}
	words = append(words, sumWBeta, sumWFreq)
	if s.Heterogeneity {
		words = append(words, sumWBeta2)
	}
	if s.FrequencySE {
		words = append(words, sumWFreq2)
	}
	if s.Tau && s.Scheme == StdErr {
		words = append(words, sumW2)
	}
	return words
}

// WithoutSquares is the study without w·β², w·f² and w², which may only be added up where
// many sites have a variant. Its words are the first of the study's.
func (s *Study) WithoutSquares() *Study {
	plain := *s
	plain.Heterogeneity, plain.FrequencySE, plain.Tau = false, false, false
	return &plain
}

// maxContributors and maxN keep all exponents in their range.
const (
	maxContributors = 1 << 10
	maxN            = 1 << 40
)

// Check refuses a study whose numbers cannot be.
func (s *Study) Check() error {
	switch {
	case s.Scheme != StdErr && s.Scheme != SampleSize:
		return fmt.Errorf("scheme %d; give STDERR or SAMPLESIZE", s.Scheme)
	case s.Contributors < 2 || s.Contributors > maxContributors:
		return fmt.Errorf("%d contributors; a study has 2 to %d", s.Contributors, maxContributors)
	case s.N < s.Contributors || s.N > maxN:
		return fmt.Errorf("%d samples of %d contributors", s.N, s.Contributors)
	case !(s.ResidualSD == 0 || s.ResidualSD >= 1e-9 && s.ResidualSD <= 1e9):
		return fmt.Errorf("residual standard deviation %g; choose a unit in which it is between 1e-9 and 1e9", s.ResidualSD)
	case s.Tau && !s.Heterogeneity:
		return fmt.Errorf("τ² needs the sums of heterogeneity")
	case s.Core && (s.Heterogeneity || s.FrequencySE):
		return fmt.Errorf("core sums are without heterogeneity and the standard error of the frequency")
	}
	return nil
}

// information is the most that a sample tells of β: w ≤ N·information. For cases and
// controls it is p(1−p)·Var(g) ≤ ¼, for a quantitative trait Var(g)/SD², and a genotype's
// variance is at most 1.
func (s *Study) information() float64 {
	if s.ResidualSD == 0 {
		return 0.25
	}
	return 1 / (s.ResidualSD * s.ResidualSD)
}

// exponents are those of a variant's words: a word w stands for w·2^-exponent.
type exponents struct{ w, wBeta, wBeta2, w2 int }

// Exponents. What all sites together are expected to have of w, from their declared N and
// the frequency in the list, comes to 2^48 … 2^49, so that the rounding of a site's w is
// 2^-49 of it. METAL's printed cells need 2^-40. A contribution is an int64 that is at most
// 1/H of its range, H being the number of contributors, so the sum has its sign and the
// bound is 2^57 for 64 of them: a site may have 2^8 times the w of all as it was expected.
// So much more it can only have where its own frequency is far from the list's; with
// 2f(1−f) taken as 2^-12 at least, and at most 1 in truth, a site of up to four times the
// mean size has room at any frequency.
//
// w·β is z·√w, with |z| up to 2^10: √w comes to 2^44 … 2^45, w·β to 2^55, and z is known to
// 2^-45 a site. w·β² is z², at most 2^20, in units of 2^-34: at most 2^54. w² comes to
// 2^35 … 2^37. N, cases and allele counts are below 2^32 a site, INFO in 2^-16 below 2^18.
const (
	bitsW     = 49
	bitsWBeta = 45
	bitsZ2    = 34
	bitsW2    = 37

	bitsInfo = 16

	maxZ    = 1 << 10
	maxInfo = 4

	leastHeterozygosity = 0x1p-12
)

// scale has the exponents for a variant with this frequency in the list; NaN stands for one
// that is not known. It is made of public numbers alone, so all sites have the same.
func (s *Study) scale(af float64) exponents {
	expected := float64(s.N)
	if s.Scheme == StdErr {
		heterozygosity := 0.5
		if !math.IsNaN(af) {
			heterozygosity = max(2*af*(1-af), leastHeterozygosity)
		}
		expected = expected * heterozygosity * s.information()
	}
	return exponents{
		w: bitsW - ceilLog2(expected), wBeta: bitsWBeta - ceilLog2(math.Sqrt(expected)),
		wBeta2: bitsZ2, w2: bitsW2 - 2*ceilLog2(expected),
	}
}

// ceilLog2 is ⌈log2 x⌉, the same on every machine.
func ceilLog2(x float64) int {
	fraction, exponent := math.Frexp(x)
	if fraction == 0.5 {
		exponent--
	}
	return exponent
}

// exponent is that of a word.
func (c *exponents) exponent(w Word) int {
	switch w {
	case sumW, sumWFreq, sumWFreq2:
		return c.w
	case sumWBeta:
		return c.wBeta
	case sumWBeta2:
		return c.wBeta2
	case sumW2:
		return c.w2
	case sumInfo:
		return bitsInfo
	}
	return 0
}
