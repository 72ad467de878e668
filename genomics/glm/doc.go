// Package glm tests variants for association with a trait from sums over the
// samples, with covariates: logistic regression's score test for case/control
// traits, ordinary least squares for quantitative ones.
//
// The owner of the data fits a null model, which knows no genotypes
// ([FitLogistic], [FitLinear]), and turns it into integer columns, one value a
// sample ([Null.Model]). Somebody else sums every column's products with a
// variant's dosages ([Sums]). From the sums alone [Model.Test] makes the
// statistics, which the writers print as PLINK 2, REGENIE and the GWAS Catalog do.
//
// # Notation
//
// Over the analysed samples, r is the null model's residual and w its weight,
// p(1−p) for logistic regression and 1 for linear; x₀, x₁, … are a basis of
// intercept and covariates that is orthonormal under w, x₀ constant; g is the ALT
// dosage, 0 to 2, and m is 1 where the call is missing. K counts the basis, the
// intercept included.
//
// # Beside PLINK 2
//
// The linear test is the same as PLINK 2's. The logistic one is a score test
// where PLINK 2 has Wald's: both agree where effects are small, and the score
// test's β is one Newton step from zero, for strong effects well short of the
// maximum-likelihood estimate. Where calls are missing PLINK 2 drops the samples
// and fits everything anew; here the null model moves by one step, with a
// correlation of covariates that is the one of all samples (see Model.Test).
package glm
