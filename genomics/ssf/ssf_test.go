package ssf

import (
	"testing"

	"genoveil/genomics/chrom"
)

func TestChromosome(t *testing.T) {
	for name, want := range map[string]int{
		"1": 1, "chr22": 22, "Chr7": 7, "X": 23, "chrX": 23, "PAR1": 23, "y": 24, "MT": 25, "chrM": 25, "25": 23, "26": 25, "24": 24, "23": 23, "XY": 23, "chrPAR2": 23, "07": 7,
		"0": 0, "27": 0, "": 0, "chr": 0, "-1": 0, "GL000192.1": 0, "1_random": 0,
	} {
		if got := Chromosome(chrom.Parse(name)); got != want {
			t.Errorf("%q: %d, want %d", name, got, want)
		}
	}
}

func TestIDs(t *testing.T) {
	for id, want := range map[string]string{"rs7": "rs7", "rs": "#NA", "rs7a": "#NA", "RS7": "#NA", "": "#NA", "1:5": "#NA"} {
		if got := RSID(id); got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
	if got := string(AppendVariantID([]byte("x"), 23, 5, "A", "CT")); got != "x23_5_A_CT" {
		t.Error(got)
	}
}
