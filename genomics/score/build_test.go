package score

import "testing"

func TestCheckBuild(t *testing.T) {
	for _, test := range []struct {
		file, list string
		fits       bool
	}{
		{"GRCh38", "GRCh38", true},
		{"GRCh38", "hg38", true},
		{"GRCh37", "hg19", true},
		{"GRCh37", "file:///refs/hs37d5.fa", true},
		{"hg18", "NCBI36", true},
		{"GRCh37", "GRCh38", false},
		{"hg19", "/refs/GRCh38.p14.fa.gz", false},
		{"hg18", "b37", false},
		{"NCBI_build36", "hg19", false},
		{"", "GRCh38", true},
		{"GRCh38", "", true},
		{"GRCh38", "/data/37/reference.fa", true}, // not a name
		{"ARS-UCD1.2", "GRCh38", true},
	} {
		if err := (&File{Path: "f", Build: test.file}).CheckBuild(test.list); (err == nil) != test.fits {
			t.Errorf("%q on %q: %v", test.file, test.list, err)
		}
	}
}
