package glm

import (
	"strconv"

	"genoveil/genomics/chrom"
)

// onX reports whether a chromosome is X or a pseudo-autosomal region of it.
func onX(key chrom.Key) bool { return key.Whole() == chrom.X }

// plinkName is a chromosome's name as PLINK 2 writes it: human chromosomes as 1 to 22, X,
// Y, XY, MT, PAR1 and PAR2, and other contigs as they are.
func plinkName(name string) string {
	key := chrom.Parse(name)
	if _, ok := key.Number(); ok || onX(key) {
		return string(key)
	}
	return name
}

// regenieName is a chromosome's name as REGENIE writes it: a number, 23 for all of X.
// REGENIE refuses others, which are written as they are.
func regenieName(name string) string {
	key := chrom.Parse(name)
	if onX(key) {
		return "23"
	}
	if n, ok := key.Number(); ok {
		return strconv.Itoa(n)
	}
	return name
}
