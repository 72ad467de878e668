package assoc

import (
	"strconv"
	"strings"

	"genoveil/genomics"
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
// XY and MT, and any other contig as it is. PLINK refuses 27 to 99; so be it.
func chromosome(name string) string {
	bare := name
	if len(name) > 3 && strings.EqualFold(name[:3], "chr") {
		bare = name[3:]
	}
	if len(bare) > 2 {
		return name
	}
	if len(bare) == 2 && bare[0] == '0' {
		bare = bare[1:]
	}
	switch strings.ToUpper(bare) {
	case "X":
		return "23"
	case "Y":
		return "24"
	case "XY":
		return "25"
	case "M", "MT":
		return "26"
	}
	if number, err := strconv.ParseUint(bare, 10, 8); err == nil && number <= 26 {
		return bare
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
