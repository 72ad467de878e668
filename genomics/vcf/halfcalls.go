package vcf

// HalfCalls says what a call is of which one allele is missing, such as 1/. where a
// record of several ALT alleles was split. The words are those of PLINK's
// --vcf-half-call.
type HalfCalls string

const (
	HalfError     HalfCalls = "error"     // the reading ends
	HalfMissing   HalfCalls = "missing"   // the call is missing
	HalfReference HalfCalls = "reference" // the missing allele is REF
	HalfHaploid   HalfCalls = "haploid"   // there is but one allele, as a haploid call has
)
