package glm

import "genoveil/genomics/chrom"

// onX reports whether a chromosome is X or a pseudo-autosomal region of it.
func onX(key chrom.Key) bool {
	return key == chrom.X || key == chrom.XY || key == chrom.PAR1 || key == chrom.PAR2
}

// ssfNumber is a human chromosome's number in GWAS-SSF: X is 23, the
// pseudo-autosomal regions included, Y 24 and mitochondria 25; 0 for other names.
// The name 25 is taken as such a number, and not as PLINK's for XY; so 26 is none.
func ssfNumber(name string) int {
	switch bare := chrom.Bare(name); bare {
	case "25":
		return 25
	case "26":
		return 0
	}
	key := chrom.Parse(name)
	switch {
	case onX(key):
		return 23
	case key == chrom.Y:
		return 24
	case key == chrom.MT:
		return 25
	}
	if n, ok := key.Number(); ok {
		return n
	}
	return 0
}
