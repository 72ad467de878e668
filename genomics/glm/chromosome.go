package glm

import (
	"strconv"
	"strings"
)

// chromosomeNumber is a human chromosome's number in GWAS-SSF: X is 23, the
// pseudo-autosomal regions included, Y 24 and mitochondria 25; 0 for other names.
func chromosomeNumber(name string) int {
	if len(name) > 3 && strings.EqualFold(name[:3], "chr") {
		name = name[3:]
	}
	switch strings.ToUpper(name) {
	case "X", "XY", "PAR1", "PAR2":
		return 23
	case "Y":
		return 24
	case "M", "MT":
		return 25
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > 25 {
		return 0
	}
	return n
}
