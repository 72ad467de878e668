package pgen

import (
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/text"

	"github.com/google/go-cmp/cmp"
)

// A variantRow is one variant with its genotypes spelled out, or its dosages.
type variantRow struct {
	genomics.Variant
	Genotypes string // one of "012." per sample
	Dosages   genomics.DosageRow
}

// calls returns the variants that a source yields, and closes it.
func calls(src genomics.Source, err error) ([]variantRow, error) {
	if err != nil {
		return nil, err
	}
	var all []variantRow
	n := len(src.Samples())
	row := make(genomics.Row, genomics.RowLen(n))
	for {
		var v genomics.Variant
		if err = src.Next(&v, row); err != nil {
			break
		}
		var genotypes strings.Builder
		for i := range 4 * len(row) {
			if i < n {
				genotypes.WriteByte("012."[row.At(i)])
			} else if row.At(i) != 0 {
				return all, fmt.Errorf("bits after the last sample are set")
			}
		}
		all = append(all, variantRow{Variant: v, Genotypes: genotypes.String()})
	}
	if again := src.Next(new(genomics.Variant), row); again != err {
		return all, fmt.Errorf("error %v and then %v", err, again)
	}
	return all, closed(src, err)
}

// doses returns the variants that a source of dosages yields, and closes it.
func doses(src genomics.DosageSource, err error) ([]variantRow, error) {
	if err != nil {
		return nil, err
	}
	var all []variantRow
	for {
		var v genomics.Variant
		row := make(genomics.DosageRow, len(src.Samples()))
		if err = src.NextDosages(&v, row); err != nil {
			break
		}
		all = append(all, variantRow{Variant: v, Dosages: row})
	}
	if again := src.NextDosages(new(genomics.Variant), make(genomics.DosageRow, len(src.Samples()))); again != err {
		return all, fmt.Errorf("error %v and then %v", err, again)
	}
	return all, closed(src, err)
}

func closed(src io.Closer, err error) error {
	if err == io.EOF {
		err = nil
	}
	if e := src.Close(); err == nil {
		err = e
	}
	return err
}

// TestCallsAgainstPLINK compares calls with the .bed files that PLINK 2 makes of the same
// filesets (testdata/make.sh).
func TestCallsAgainstPLINK(t *testing.T) {
	want, err := calls(bed.Open("testdata/hard.answer"))
	if err != nil {
		t.Fatal(err)
	}
	var usable []variantRow
	for _, v := range want {
		if genomics.SkipAlt(v.Alt) == "" {
			usable = append(usable, v)
		}
	}
	if len(want) != 41 || len(usable) != 38 {
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
		got, err := calls(r, nil)
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

// answer reads the dosages of a VCF that PLINK 2 wrote. It gives as many decimals as tell
// multiples of 1/16384 apart. Calls are in Genotypes.
func answer(t *testing.T, path string) []variantRow {
	lines, err := text.Open(path, 1<<20, "a VCF file")
	if err != nil {
		t.Fatal(err)
	}
	defer lines.Close()
	var all []variantRow
	for {
		line, err := lines.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if line[0] == '#' {
			continue
		}
		fields := strings.Split(string(line), "\t")
		v := variantRow{Variant: genomics.Variant{Chrom: fields[0], ID: fields[2], Ref: fields[3], Alt: fields[4]}}
		fmt.Sscan(fields[1], &v.Pos)
		for _, column := range fields[9:] {
			gt, ds, _ := strings.Cut(column, ":")
			v.Genotypes += map[string]string{"0/0": "0", "0/1": "1", "1/0": "1", "1/1": "2", "./.": "."}[strings.ReplaceAll(gt, "|", "/")]
			if ds == "." {
				v.Dosages = append(v.Dosages, genomics.MissingDosage)
				continue
			}
			var d float64
			if _, err := fmt.Sscan(ds, &d); err != nil {
				t.Fatal(column, err)
			}
			v.Dosages = append(v.Dosages, uint16(math.Floor(math.Round(d*16384)*1000/16384+0.5)))
		}
		all = append(all, v)
	}
}

// TestDosagesAgainstPLINK compares calls and dosages with those in the VCF that PLINK 2
// makes of the same filesets (testdata/make.sh).
func TestDosagesAgainstPLINK(t *testing.T) {
	for _, name := range []string{"dosage", "phased"} {
		want := answer(t, "testdata/"+name+".answer.vcf.gz")
		if len(want) != 36 {
			t.Fatal(len(want))
		}
		wantCalls := make([]variantRow, len(want))
		for i, v := range want {
			wantCalls[i] = variantRow{Variant: v.Variant, Genotypes: v.Genotypes}
			want[i].Genotypes = ""
		}
		got, err := doses(OpenDosages("testdata/" + name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(name, diff)
		}
		if got, err = calls(Open("testdata/" + name)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wantCalls, got); diff != "" {
			t.Error(name, diff)
		}
	}
}
