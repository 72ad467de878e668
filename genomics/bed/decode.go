package bed

import "genoveil/genomics"

// genotypeOf is indexed by the .bed file's two-bit codes: two A1 alleles,
// missing, one A1 allele, none.
var genotypeOf = [4]genomics.Genotype{genomics.HomAlt, genomics.Missing, genomics.Het, genomics.HomRef}

// fourOf holds the four genotypes of every byte. Both formats have the first
// sample in the lowest bits.
var fourOf = func() (four [256]byte) {
	for b := range four {
		for shift := 0; shift < 8; shift += 2 {
			four[b] |= genotypeOf[b>>shift&3] << shift
		}
	}
	return four
}()

// decode turns n samples' codes into genotypes in place.
func decode(row genomics.Row, n int) {
	for i, b := range row {
		row[i] = fourOf[b]
	}
	if used := n & 3; used > 0 {
		row[len(row)-1] &= 1<<(2*used) - 1
	}
}
