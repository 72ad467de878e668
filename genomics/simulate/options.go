// Package simulate invents cohorts: genotypes with realistic allele frequencies and linkage
// disequilibrium, and traits and covariates that depend on them.
//
// The same options give the same bytes on every machine and with every version of Go:
//
//   - Random bits come only from ChaCha8, whose output is specified
//     (c2sp.org/chacha8rand).
//   - Sites, genotypes and missing calls are made by integer arithmetic.
//   - Traits use only floating-point operations that IEEE 754 rounds in one way. These
//     include the square root, but not logarithms and exponentials.
//   - Products are converted explicitly before they are added, so that no compiler fuses
//     the two.
package simulate

import "fmt"

// Options say what cohort to simulate.
type Options struct {
	Samples  int // 2 to 10,000,000
	Variants int // 1 to 100,000,000, on chromosomes 1 to 22

	// Missing is the probability of a call to be missing, in [0, 1).
	Missing float64

	// Causal variants, at even distances, explain the share Heritability of
	// the variance of either trait, each the same part of it. Without causal
	// variants Heritability is 0, with them it is in (0, 0.9].
	Causal       int
	Heritability float64

	// Covariates are, as far as the number reaches, MALE, AGE, PC1, PC2 and so
	// on; 0 to 100. Together they explain a tenth of the variance of either
	// trait. They do not depend on the genotypes.
	Covariates int

	// CaseFraction is the share of cases among the samples, in (0, 1). There
	// has to be at least one case and one control.
	CaseFraction float64

	Seed uint64
}

const (
	maxSamples    = 10_000_000
	maxVariants   = 100_000_000
	maxCovariates = 100
)

// check returns an error for options outside their ranges. The conditions are
// written such that NaN fails them.
func (o Options) check() error {
	switch {
	case o.Samples < 2 || o.Samples > maxSamples:
		return fmt.Errorf("simulate: %d samples; choose 2 to %d", o.Samples, maxSamples)
	case o.Variants < 1 || o.Variants > maxVariants:
		return fmt.Errorf("simulate: %d variants; choose 1 to %d", o.Variants, maxVariants)
	case o.Causal < 0 || o.Causal > o.Variants:
		return fmt.Errorf("simulate: %d causal variants; choose 0 to the number of variants, %d", o.Causal, o.Variants)
	case o.Covariates < 0 || o.Covariates > maxCovariates:
		return fmt.Errorf("simulate: %d covariates; choose 0 to %d", o.Covariates, maxCovariates)
	case !(o.Missing >= 0 && o.Missing < 1):
		return fmt.Errorf("simulate: a share %v of missing calls; choose 0 or more and less than 1", o.Missing)
	case o.Causal == 0 && o.Heritability != 0:
		return fmt.Errorf("simulate: a heritability of %v without causal variants; choose causal variants or a heritability of 0", o.Heritability)
	case o.Causal > 0 && !(o.Heritability > 0 && o.Heritability <= 1-covariateVariance):
		return fmt.Errorf("simulate: a heritability of %v with causal variants; choose more than 0 and at most %v", o.Heritability, 1-covariateVariance)
	case !(o.CaseFraction > 0 && o.CaseFraction < 1):
		return fmt.Errorf("simulate: a share %v of cases; choose more than 0 and less than 1", o.CaseFraction)
	}
	if cases := o.cases(); cases == 0 || cases == o.Samples {
		return fmt.Errorf("simulate: a share %v of cases makes %d cases among %d samples; both cases and controls are needed",
			o.CaseFraction, cases, o.Samples)
	}
	return nil
}
