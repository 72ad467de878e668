// Package assoc turns exact genotype counts of cases and controls into the
// association statistics of PLINK 1.9 and writes them as PLINK 1.90b6.26 does,
// byte for byte: the .assoc table (plink --assoc, also with --ci) and the .model
// table (plink --model --cell 0).
//
// A χ² statistic is kept as a fraction of integers, so its four printed digits are those
// of the true value. Ties go to the even digit. PLINK computes in floating point and
// treats anything within 5e-11 of a tie as a tie. The two can differ only where rounding
// noise of the size of that margin decides. Noise is visible in one place only, a GENO χ²
// of exactly 0 in cohorts of about a million samples: PLINK may print something like
// 1e-26, this package prints 0.
//
// Every variant is treated as autosomal: diploid in all samples, whatever its chromosome.
// PLINK treats some genotypes differently. It counts males' X and Y genotypes and all
// mitochondrial ones as haploid. It leaves females out of Y, males out of X in .model, and
// Y and mitochondria out of .model altogether.
package assoc
