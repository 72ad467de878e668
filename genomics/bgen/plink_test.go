package bgen

import (
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/rowtest"

	"github.com/google/go-cmp/cmp"
)

// TestAgainstPLINK compares calls and dosages with what PLINK 2 makes of the same files
// (testdata/make.sh). It rounds dosages to 1/16384 and is off by one now and then.
func TestAgainstPLINK(t *testing.T) {
	for name, order := range map[string]AlleleOrder{"zlib8": RefFirst, "zstd16": RefFirst, "last13": RefLast} {
		file, sample := "testdata/"+name+".bgen", "testdata/"+name+".sample"
		want, steps, err := rowtest.PLINK("testdata/" + name + ".answer.vcf.gz")
		if err != nil || len(want) != 24 {
			t.Fatal(len(want), err)
		}
		exported, err := rowtest.Calls(bed.Open("testdata/" + name + ".answer"))
		if err != nil || len(exported) != 23 { // without the symbolic one
			t.Fatal(len(exported), err)
		}
		const symbolic = 5
		want = append(want[:symbolic], want[symbolic+1:]...)
		steps = append(steps[:symbolic], steps[symbolic+1:]...)

		r, err := Open(file, sample, order)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Samples()); n != 60 || r.Samples()[59] != "s59" {
			t.Error(r.Samples())
		}
		got, err := rowtest.Calls(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, wanted := range [][]rowtest.Row{want, exported} {
			if diff := cmp.Diff(wanted, got); diff != "" {
				t.Error(name, diff)
			}
		}
		if diff := cmp.Diff(map[string]int{genomics.SymbolicAlt: 1}, r.Skipped()); diff != "" {
			t.Error(name, diff)
		}
		dosages, err := rowtest.Dosages(OpenDosages(file, "", order))
		if err != nil {
			t.Fatal(err)
		}
		for i := range want {
			want[i].Genotypes, want[i].Dosages = "", dosages[i].Dosages
		}
		if diff := cmp.Diff(want, dosages); diff != "" {
			t.Error(name, diff)
		}
		exact := 0
		for i := range steps {
			for k, d := range steps[i] {
				got := int(dosages[i].Dosages[k])
				if d < 0 || got == genomics.MissingDosage {
					if d >= 0 || got != genomics.MissingDosage {
						t.Errorf("%s, %s, sample %d: %d for PLINK's %d", name, want[i].ID, k, got, d)
					}
					continue
				}
				// Half a thousandth and 1/16384.
				if off := 2 * (got*16384 - d*1000); off > 16384+2000 || off < -16384-2000 {
					t.Errorf("%s, %s, sample %d: %d thousandths for PLINK's %d of 1/16384", name, want[i].ID, k, got, d)
				}
				exact++
			}
		}
		if exact < 1200 {
			t.Error(exact)
		}
	}
}

// TestNoAlleleOfY: PLINK 2 exports who is no male without alleles of Y.
func TestNoAlleleOfY(t *testing.T) {
	for _, name := range []string{"testdata/y8", "testdata/y16"} {
		got, err := rowtest.Calls(Open(name+".bgen", name+".sample", RefFirst))
		if err != nil || len(got) != 2 || got[0].Genotypes != "2.0.2" || got[1].Genotypes != "0...2" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		dosages, err := rowtest.Dosages(OpenDosages(name+".bgen", "", RefFirst))
		if err != nil || len(dosages) != 2 {
			t.Fatal(name, len(dosages), err)
		}
		for i, want := range []genomics.DosageRow{{2000, genomics.MissingDosage, 0, genomics.MissingDosage, 2000}, {0, genomics.MissingDosage, genomics.MissingDosage, genomics.MissingDosage, 2000}} {
			if diff := cmp.Diff(want, dosages[i].Dosages); diff != "" {
				t.Error(name, diff)
			}
		}
	}
}
