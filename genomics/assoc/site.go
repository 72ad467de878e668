package assoc

import (
	"strconv"

	"genoveil/genomics"
	"genoveil/genomics/chrom"
)

// minIDWidth is the SNP column's width where no identifier is longer.
const minIDWidth = 4

// IDWidth is the width of the SNP column after one more identifier, given the
// width so far (0 before the first). It is to be folded over all variants loaded,
// in the order of the file. The order matters: PLINK makes the column two wider
// than an identifier that does not fit, and leaves it so until one is longer still.
func IDWidth(width int, id string) int {
	width = max(width, minIDWidth)
	if len(id) > width {
		return len(id) + 2
	}
	return width
}

// appendSite appends the first two columns, chromosome and identifier.
func appendSite(dst []byte, v genomics.Variant, idWidth int) []byte {
	dst = appendRight(dst, chromosome(v.Chrom), 4)
	dst = append(dst, ' ')
	dst = appendRight(dst, v.ID, idWidth)
	return append(dst, ' ')
}

// chromosome is the name that PLINK prints for a chromosome of a VCF file: human
// chromosomes as numbers without the prefix chr, with 23, 24, 25 and 26 for X, Y,
// XY and MT, and any other contig as it is. PLINK refuses 27 to 99; so be it. PAR1 and
// PAR2 are 25, as after --split-x.
func chromosome(name string) string {
	if key := chrom.Parse(name); key == chrom.PAR1 || key == chrom.PAR2 {
		name = string(chrom.XY)
	}
	if number, ok := chrom.Parse(name).Number(); ok {
		return strconv.Itoa(number)
	}
	return name
}

// appendRight appends s, with spaces before it if it is shorter than width.
func appendRight[T string | []byte](dst []byte, s T, width int) []byte {
	for range width - len(s) {
		dst = append(dst, ' ')
	}
	return append(dst, s...)
}
