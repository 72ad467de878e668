// Package score holds what scores are made of: files of weights, which weight belongs to
// which variant of a list, weights in fixed point, and tables of results.
//
// A score is Σ β·g over its weights, where g is the number of effect alleles. A missing
// call counts twice the effect allele's frequency, as with PLINK's --score. Code a called
// genotype as v, the number of ALT alleles less one, and m = 0. Code a missing one as v = 0
// and m = 1. Then the same sum is
//
//	Σ_j ±β_j·v_j + Σ_j β_j·(2f_j − 1)·m_j + Σ_j β_j
//
// with + if the effect allele is ALT, − if it is REF, and f the frequency of the effect
// allele.
package score
