// Package score holds what scores are made of: files of weights, which weight
// belongs to which variant of a list, weights in fixed point, and tables of
// results.
//
// A score is Σ β·g over its weights, g being the number of effect alleles. A
// missing call counts twice the effect allele's frequency, as with PLINK's
// --score. Where the genotype is coded as v, the number of ALT alleles less one and
// zero where it is missing, and m, one where it is missing,
//
//	Σ_j ±β_j·v_j + Σ_j β_j·(2f_j − 1)·m_j + Σ_j β_j
//
// is the same sum: with + where the effect allele is ALT, − where it is REF, and f
// the frequency of the effect allele.
package score
