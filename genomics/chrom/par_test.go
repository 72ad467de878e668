package chrom

import "testing"

// TestPAR: what PLINK 2.00a3.5 makes of X at the boundaries:
//
//	plink2 --bfile x --split-par b37 --make-just-bim
func TestPAR(t *testing.T) {
	for _, c := range []struct {
		assembly   string
		pos        int
		chrom, got string
	}{
		{"b36", 2709521, "X", "PAR1"}, {"b36", 2709522, "X", "X"}, {"hg18", 154584236, "X", "X"}, {"b36", 154584237, "X", "PAR2"},
		{"b37", 2699520, "23", "PAR1"}, {"hg19", 2699521, "23", "23"}, {"GRCh37", 154931043, "chrX", "chrX"}, {"b37", 154931044, "chrX", "PAR2"},
		{"b38", 2781479, "chrX", "PAR1"}, {"hg38", 2781480, "chrX", "chrX"}, {"grch38", 155701382, "X", "X"}, {"B38", 155701383, "X", "PAR2"},
		{"b38", 1, "1", "1"}, {"b38", 1, "Y", "Y"}, {"b38", 1, "XY", "XY"}, {"b38", 155701383, "MT", "MT"}, {"b38", 1, "PAR1", "PAR1"},
	} {
		par, err := PARof(c.assembly)
		if got := par.Split(c.chrom, c.pos); err != nil || got != c.got {
			t.Errorf("%s, %s:%d: %s, %v, want %s", c.assembly, c.chrom, c.pos, got, err, c.got)
		}
	}
	if _, err := PARof("b39"); err == nil {
		t.Error("a genome assembly that there is not")
	}
	for part, whole := range map[Key]Key{PAR1: X, PAR2: X, XY: X, X: X, Y: Y, "1": "1", "Un_1": "Un_1"} {
		if part.Whole() != whole {
			t.Errorf("%s is part of %s", part, part.Whole())
		}
	}
}
