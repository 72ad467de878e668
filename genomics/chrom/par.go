package chrom

import (
	"fmt"
	"strings"
)

// A PAR says where the pseudo-autosomal regions of X are: up to End1, and from Start2.
// Males have two copies there.
type PAR struct{ End1, Start2 int }

// pars are the boundaries that PLINK's --split-par and --split-x have.
var pars = []struct {
	names []string
	PAR
}{
	{[]string{"b36", "hg18"}, PAR{2709521, 154584237}},
	{[]string{"b37", "hg19", "GRCh37"}, PAR{2699520, 154931044}},
	{[]string{"b38", "hg38", "GRCh38"}, PAR{2781479, 155701383}},
}

// PARof returns the regions of a genome assembly, such as b38, hg38 or GRCh38.
func PARof(assembly string) (PAR, error) {
	for _, p := range pars {
		for _, name := range p.names {
			if strings.EqualFold(assembly, name) {
				return p.PAR, nil
			}
		}
	}
	return PAR{}, fmt.Errorf("%q is no genome assembly that it knows; give b36, b37 or b38", assembly)
}

// Split returns PAR1 or PAR2 for a position of X inside them, or else the chromosome's
// name as it is.
func (p PAR) Split(chromosome string, pos int) string {
	switch {
	case pos > p.End1 && pos < p.Start2 || Parse(chromosome) != X:
		return chromosome
	case pos <= p.End1:
		return string(PAR1)
	}
	return string(PAR2)
}

// Whole is X for its pseudo-autosomal regions, and else the chromosome itself.
func (k Key) Whole() Key {
	switch k {
	case XY, PAR1, PAR2:
		return X
	}
	return k
}
