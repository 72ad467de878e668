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

// MinorFrequency is the frequency of the rarer allele, or 0 where nobody is called.
func (p Ploidy) MinorFrequency(all, males Counts) float64 {
	ref, alt := p.Alleles(all, males)
	if ref+alt == 0 {
		return 0
	}
	f := float64(alt) / float64(ref+alt)
	return min(f, 1-f)
}

// AltFrequency is the frequency of ALT among the alleles of called samples, or 0 where
// nobody is called, from the counts of all samples and of the males among them.
func (p Ploidy) AltFrequency(all, males DosageCounts) float64 {
	alleles, sum := MaxDosage*int64(all.Called), all.Sum
	switch p {
	case XLinked:
		alleles, sum = 2*alleles-MaxDosage*int64(males.Called), 2*sum-males.Sum
	case YLinked:
		alleles, sum = MaxDosage*int64(males.Called), males.Sum
	}
	if alleles == 0 {
		return 0
	}
	return float64(sum) / float64(alleles)
}

// Considered is how many samples, of all and of males among them, can have a call.
func (p Ploidy) Considered(all, males int) int {
	if p == YLinked {
		return males
	}
	return all
}
