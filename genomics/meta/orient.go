package meta

// An orientation says how the alleles of a row stand to those of a variant.
type orientation int

const (
	different         orientation = iota
	direct                        // the effect allele is ALT
	swapped                       // the effect allele is REF
	complement                    // ALT, on the other strand
	complementSwapped             // REF, on the other strand
)

// orient compares alleles. Where the row has no other allele, the effect allele alone
// counts. Only single bases are looked for on the other strand: an insertion or deletion
// has another position there.
func orient(ref, alt, effect, other string) orientation {
	switch {
	case effect == alt && (other == ref || other == ""):
		return direct
	case effect == ref && (other == alt || other == ""):
		return swapped
	}
	if len(ref) != 1 || len(alt) != 1 || len(effect) != 1 || len(other) > 1 {
		return different
	}
	effect = onOtherStrand(effect)
	if other != "" {
		other = onOtherStrand(other)
	}
	switch {
	case effect == alt && (other == ref || other == ""):
		return complement
	case effect == ref && (other == alt || other == ""):
		return complementSwapped
	}
	return different
}

// onOtherStrand is a single base's complement.
func onOtherStrand(base string) string {
	switch base {
	case "A":
		return "T"
	case "C":
		return "G"
	case "G":
		return "C"
	}
	return "A"
}

// palindrome says whether a variant of the list is A/T or C/G, the same on both strands.
func (l *List) palindrome(i int) bool {
	_, ref, alt := l.text(i)
	return len(ref) == 1 && len(alt) == 1 && onOtherStrand(string(ref)) == string(alt)
}
