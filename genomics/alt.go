package genomics

import "strings"

// Reasons for passing over a variant that is not a biallelic site, as Skipped of every
// reader calls them.
const (
	MultiAllelic     = "more than one ALT allele"
	NoAlt            = "no ALT allele"
	SymbolicAlt      = "symbolic ALT allele or breakend"
	SpanningDeletion = "ALT allele *"
)

// SkipAlt says why a variant with this ALT is passed over, or "". ALT is as a VCF spells
// it, with a comma between alleles.
func SkipAlt(alt string) string {
	switch {
	case strings.Contains(alt, ","):
		return MultiAllelic
	case alt == ".":
		return NoAlt
	case alt == "*":
		return SpanningDeletion
	case strings.ContainsAny(alt, "<[]."): // a dot marks a single breakend: "A." or ".A"
		return SymbolicAlt
	}
	return ""
}

// Reasons for passing over a variant that no program should write, as Skipped of every
// reader begins. It goes on with where the first one is.
const (
	OddPlace   = "CHROM, POS or ID not as VCF has them"
	OddAlleles = "alleles with letters other than A, C, G, T and N"
)

// IsSequence reports whether an allele is a sequence of A, C, G, T and N.
func IsSequence[T string | []byte](allele T) bool {
	for i := range len(allele) {
		switch allele[i] {
		case 'A', 'C', 'G', 'T', 'N', 'a', 'c', 'g', 't', 'n':
		default:
			return false
		}
	}
	return len(allele) > 0
}
