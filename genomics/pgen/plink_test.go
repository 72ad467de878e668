package pgen

import (
	"math"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/rowtest"

	"github.com/google/go-cmp/cmp"
)

// TestCallsAgainstPLINK compares calls with the .bed files that PLINK 2 makes of the same
// filesets (testdata/make.sh).
func TestCallsAgainstPLINK(t *testing.T) {
	want, err := rowtest.Calls(bed.Open("testdata/hard.answer"))
	if err != nil {
		t.Fatal(err)
	}
	var usable []rowtest.Row
	for _, v := range want {
		if v.Alt != genomics.UnknownAllele {
			usable = append(usable, v)
		}
	}
	if len(want) != 39 || len(usable) != 38 {
		t.Fatalf("%d variants, %d usable", len(want), len(usable))
	}
	for name, skipped := range map[string]map[string]int{
		"hard":  {genomics.MultiAllelic: 6, genomics.NoAlt: 1, genomics.SymbolicAlt: 1, genomics.SpanningDeletion: 1},
		"fixed": {genomics.NoAlt: 1, genomics.SymbolicAlt: 1, genomics.SpanningDeletion: 1},
	} {
		r, err := Open("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(r.Samples()); n != 700 || r.Samples()[699] != "s699" {
			t.Error(n)
		}
		got, err := rowtest.Calls(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(usable, got); diff != "" {
			t.Error(name, diff)
		}
		if diff := cmp.Diff(skipped, r.Skipped()); diff != "" {
			t.Error(name, diff)
		}
	}
}

// TestDosagesAgainstPLINK compares calls and dosages with those in the VCF that PLINK 2
// makes of the same filesets (testdata/make.sh).
func TestDosagesAgainstPLINK(t *testing.T) {
	for name, variants := range map[string]int{"dosage": 36, "phased": 36, "mode03": 8, "mode04": 8, "mode20": 8} {
		want, steps, err := rowtest.PLINK("testdata/" + name + ".answer.vcf.gz")
		if err != nil || len(want) != variants {
			t.Fatal(len(want), err)
		}
		wantCalls := make([]rowtest.Row, len(want))
		for i, v := range want {
			wantCalls[i] = v
			want[i].Genotypes = ""
			for _, d := range steps[i] {
				dosage := uint16(genomics.MissingDosage)
				if d >= 0 {
					dosage = uint16(math.Floor(float64(d)*1000/16384 + 0.5)) // exact in binary
				}
				want[i].Dosages = append(want[i].Dosages, dosage)
			}
		}
		got, err := rowtest.Dosages(OpenDosages("testdata/" + name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(name, diff)
		}
		if got, err = rowtest.Calls(Open("testdata/" + name)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantCalls, got); diff != "" {
			t.Error(name, diff)
		}
	}
}
