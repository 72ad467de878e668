package genomics

import "genoveil/genomics/chrom"

// A Ploidy says how many copies of a chromosome samples have.
type Ploidy string

const (
	Diploid       Ploidy = ""   // all have two: autosomes, pseudo-autosomal regions, contigs that are not known
	XLinked       Ploidy = "X"  // males have one, all others two
	YLinked       Ploidy = "Y"  // males have one, all others none
	Mitochondrial Ploidy = "MT" // all have one
)

// PloidyOf is that of a human chromosome, however its name is spelled.
func PloidyOf(chromosome string) Ploidy {
	switch chrom.Parse(chromosome) {
	case chrom.X:
		return XLinked
	case chrom.Y:
		return YLinked
	case chrom.MT:
		return Mitochondrial
	}
	return Diploid
}

// BySex reports whether males have a number of copies of their own.
func (p Ploidy) BySex() bool { return p == XLinked || p == YLinked }

// Copies is the number of alleles that a sample has.
func (p Ploidy) Copies(s Sex) int {
	switch {
	case p == Diploid, p == XLinked && s != Male:
		return 2
	case p == YLinked && s != Male:
		return 0
	}
	return 1
}

// Alleles counts the alleles of called samples, given the counts of all and those of the
// males among them. A haploid call is homozygous, and counts once.
func (p Ploidy) Alleles(all, males Counts) (ref, alt int) {
	switch p {
	case XLinked:
		for g, n := range males {
			all[g] -= n
		}
		return all.refAlleles() + males[HomRef], all.AltAlleles() + males[HomAlt]
	case YLinked:
		return males[HomRef], males[HomAlt]
	case Mitochondrial:
		return all[HomRef], all[HomAlt]
	}
	return all.refAlleles(), all.AltAlleles()
}

// DosageAlleles is the number of ALT alleles that called samples have by their dosages, and
// that of all their alleles, from the counts of all samples and of the males among them.
func (p Ploidy) DosageAlleles(all, males DosageCounts) (alt, alleles float64) {
	sum, called := all.Sum, 2*all.Called
	switch p {
	case XLinked:
		return float64(2*sum-males.Sum) / MaxDosage, float64(called - males.Called)
	case YLinked:
		sum, called = males.Sum, 2*males.Called
	}
	if p != Diploid {
		return float64(sum) / MaxDosage, float64(called / 2)
	}
	return float64(sum) / (MaxDosage / 2), float64(called)
}

// Considered is how many samples, of all and of males among them, can have a call.
func (p Ploidy) Considered(all, males int) int {
	if p == YLinked {
		return males
	}
	return all
}
