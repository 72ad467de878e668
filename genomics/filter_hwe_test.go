package genomics

import "testing"

// TestEquilibriumOfX compares with mid-p values that PLINK 2 printed for genotypes of
// females and alleles of males: 5 0 0 and 1 6 have 0.000282805.
func TestEquilibriumOfX(t *testing.T) {
	// A heterozygous male has no call, and who has no known sex does not count.
	all := Counts{5 + 1 + 3, 0 + 2, 6, 7}
	females, males := Counts{5, 0, 0, 3}, Counts{1, 2, 6, 4}
	for least, want := range map[float64]bool{0.000282: true, 0.000284: false} {
		s := &selection{filter: Filter{MinHWE: least}, skipped: map[string]int{}, haploid: &haploid{maleCount: 7}}
		if s.dropsHWE(&Variant{Chrom: "chrX"}, XLinked, all, females, males) == want || s.skipped["--hwe"] == 1 == want {
			t.Errorf("at least %v: %v", least, s.skipped)
		}
	}
}

// TestWhereEquilibriumIsTested counts all samples on autosomes and where X and Y recombine.
func TestWhereEquilibriumIsTested(t *testing.T) {
	all := Counts{50, 0, 50, 0}
	for chromosome, tested := range map[string]bool{
		"1": true, "chr22": true, "XY": true, "25": true, "PAR1": true, "chrUn_1": true,
		"X": false, "chrX": false, "23": false, "Y": false, "24": false, "MT": false, "chrM": false,
	} {
		untested := 0
		s := &selection{filter: Filter{MinHWE: 1e-6, Untested: func(*Variant) { untested++ }}, skipped: map[string]int{}, haploid: &haploid{}}
		if s.dropsHWE(&Variant{Chrom: chromosome}, PloidyOf(chromosome), all, Counts{}, Counts{}) != tested || untested == 1 == tested {
			t.Errorf("%s: tested is not %v", chromosome, tested)
		}
	}
}
