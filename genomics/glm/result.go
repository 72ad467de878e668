package glm

import "math"

// Result is the test of one variant. Effects are those of one more ALT allele.
type Result struct {
	Haploid bool // samples have one allele, not two

	Samples int     // analysed and called (OBS_CT)
	Alleles float64 // sum of their ALT dosages

	// The same of the cases among them; 0 for a quantitative trait.
	Cases       int
	CaseAlleles float64

	Beta float64 // log odds ratio, or in units of the trait
	SE   float64
	Z    float64 // Beta/SE, normal under the null; for a linear model Student's t
	DF   int     // of t; 0 for a logistic model
	LogP float64 // natural logarithm of the two-sided P value
	MidP bool    // P is the Poisson mid-P value, not that of Z

	// Error is PLINK 2's code for why there is no test; Beta and what follows are
	// then NaN.
	Error ErrorCode
}

// ErrorCode names the reason why a variant has no test, as PLINK 2's ERRCODE
// column does. It is empty where there is one.
type ErrorCode string

const (
	// TooFewSamples: no more called samples than parameters.
	TooFewSamples ErrorCode = "SAMPLE_CT<=PREDICTOR_CT"

	// ConstantAllele: all called samples have the same dosage.
	ConstantAllele ErrorCode = "CONST_OMITTED_ALLELE"

	// NoCaseOrControl: the called samples are all cases or all controls.
	NoCaseOrControl ErrorCode = "SEPARATION,REF"

	// Inflated: the covariates explain more than 98 % of the dosage's variance,
	// PLINK 2's limit of 50 for a variance inflation factor. PLINK 2 has
	// CORR_TOO_HIGH where a single covariate does.
	Inflated ErrorCode = "VIF_TOO_HIGH"

	// Invalid: the statistics are no finite positive numbers.
	Invalid ErrorCode = "INVALID_RESULT"
)

// Frequency is that of ALT among the samples, NaN where there are none.
func (r Result) Frequency() float64 { return r.Alleles / float64(r.copies()*r.Samples) }

func (r Result) copies() int {
	if r.Haploid {
		return 1
	}
	return 2
}

// MinorAlleles is the number of copies of the rarer allele.
func (r Result) MinorAlleles() float64 {
	return min(r.Alleles, float64(r.copies()*r.Samples)-r.Alleles)
}

// P is the two-sided P value; it may underflow to 0 where LogP does not.
func (r Result) P() float64 { return math.Exp(r.LogP) }

// NegLog10P is −log₁₀ of the P value.
func (r Result) NegLog10P() float64 { return max(0, -r.LogP/math.Ln10) }
