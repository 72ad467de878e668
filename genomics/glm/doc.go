// Package glm tests variants for association with a trait, with covariates, from sums over
// the samples. Case/control traits get the score test of logistic regression, quantitative
// traits ordinary least squares.
//
// The owner of the data fits a null model, which contains no genotypes ([FitLogistic],
// [FitLinear]). The owner turns it into integer columns, one value per sample
// ([Null.Model]). Somebody else sums every column's products with a variant's dosages
// ([Sums]). [Model.Test] makes the statistics from the sums alone. The writers print them
// as PLINK 2, REGENIE and the GWAS Catalog do.
//
// # Notation
//
// Over the analysed samples:
//
//   - r is the null model's residual;
//   - w is its weight, p(1−p) for logistic regression and 1 for linear;
//   - x₀, x₁, … are a basis of intercept and covariates that is orthonormal under w, x₀
//     constant;
//   - K counts the basis, including the intercept;
//   - g is the ALT dosage, 0 to 2;
//   - m is 1 where the call is missing.
//
// # Beside PLINK 2
//
// The linear test is the same as PLINK 2's. The logistic one is a score test, PLINK 2's is
// Wald's. Both agree where effects are small. The score test's β is one Newton step from
// zero. For strong effects it is well short of the maximum-likelihood estimate. If calls
// are missing, PLINK 2 drops the samples and fits everything anew. Here the null model
// moves by one step, with the correlation of covariates over all samples (see Model.Test).
package glm
