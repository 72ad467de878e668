package vcf

import (
	"fmt"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var _ genomics.DosageSource = (*DosageReader)(nil)

// readDosages returns all that a source of dosages yields, and closes it.
func readDosages(src genomics.DosageSource, err error) (content, error) {
	if err != nil {
		return content{}, err
	}
	row := make(genomics.DosageRow, len(src.Samples()))
	return readAll(src, func(v *genomics.Variant) (string, error) {
		if err := src.NextDosages(v, row); err != nil {
			return "", err
		}
		return spellDosages(row, len(row)), nil
	})
}

func spellDosages(row []uint16, _ int) string {
	var dosages strings.Builder
	for _, d := range row {
		if d == genomics.MissingDosage {
			dosages.WriteString(" .")
		} else {
			fmt.Fprintf(&dosages, " %d", d)
		}
	}
	return dosages.String()
}

func dosageReader(t testing.TB, text, field string) *DosageReader {
	t.Helper()
	r, err := NewDosageReader(strings.NewReader(text), "x.vcf", field)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDosages(t *testing.T) {
	for _, test := range []struct{ field, format, columns, want string }{
		{"DS", "GT:DS", "0/0:0.012 0|1:1.5 1/1:2", " 12 1500 2000"},
		{"DS", "DS", "0.0004 0.0005 .0015", " 0 1 2"},
		{"DS", "DS", "1e-05 1E0 1.2345e+00", " 0 1000 1235"},
		{"DS", "DS", "+.5 1. 00001.25", " 500 1000 1250"},
		{"DS", "DS", "-0 -0.0004 2.0004999", " 0 0 2000"},
		{"DS", "DS", "0.00000000000000000002e20 1e-999 0e999", " 2000 0 0"},
		{"DS", "GT:DS", "0/1:. 0/1 1/1:.", " 1000 1000 2000"},
		{"DS", "GT:DS", "./.:. . .|.", " . . ."},
		{"DS", "GT:DS", "0/1/1:0.5 0/1/1:2.6 0/0/0", " . . ."},
		{"HDS", "GT:HDS", "0|0:0.1,0.2 0|1:.,. 1|1:.", " 300 1000 2000"},
		{"HDS", "GT:HDS", "0|1:0.5 .|.:0.25,0.75 0:0.3", " 1000 1000 600"},
		{"HDS", "GT:DS:HDS", "0|0:1.5:0.1,0.2 0|1:1.2:.,. 1|1:0.7:.", " 300 1200 700"},
		{"HDS", "GT:DS:HDS", "0|1:1.1 0/1:.:. 0|1:0.3:0.5,0.9", " 1100 1000 1400"},
		{"HDS", "HDS", "1.0,1 .,. 0.5", " 2000 . 1000"},
		{"HDS", "HDS", "0.0002,0.0003 0.00024999,0.00025 -0,1e-3", " 1 0 1"},
		{"DS", "GT:DS", "./.:0.3 0/.:1.2 .|.:2", " 300 1200 2000"},
		{"DS", "DS", ". 1 .", " . 1000 ."},
		{"DS", "GT:DS", "0/0 0/1 1|1", " 0 1000 2000"},
		{"DS", "GT:DP:DS:GP", "0/0:3:0.3:1,0,0 0/1:4 ./.:.:.:.", " 300 1000 ."},
		{"DS", "DS:DP", "0.3:3 .:3 1", " 300 . 1000"},
		{"DS", "GT:DS:DS", "0/0:1:0.5 0/0:.:0.5 0/0", " 1000 0 0"},
		{"DS", "GT:DS", "0:0.3 1:1 .:0.4", " 600 2000 800"},
		{"DS", "GT:DS", "0:. 1 0:0.00025", " 0 2000 1"},
		{"DS", "GT:DS", "0:0.00024999 1:1.00024 0:0.12345", " 0 2000 247"},
		{"DS", "GT:DS", "00/01:. 0/1:3e-1 001:0.5", " 1000 300 1000"},
		{"GP", "GP", "0.2,0.5,0.3 1,0,0 0,0,1", " 1100 0 2000"},
		{"GP", "GP", "0.333,0.333,0.333 0.3,0.3,0.3 0.4,0.4,0.3", " 1000 1000 909"},
		{"GP", "GP", "0,0,0 .,.,. .", " . . ."},
		{"GP", "GT:GP", "0/1:0,0,0 0/1:.,.,. 0/1:.", " . 1000 1000"},
		{"GP", "GT:GP", "0:0.25,0.75 1:0.0004,0.9996 .:0.5,0.5", " 1500 1999 1000"},
		{"GP", "GP:GP", ".5,.5,1e-5:1,0,0 0.9995,0.0005,0 0.9996,0.00049999999999,0", " 500 1 0"},
	} {
		got, err := readDosages(dosageReader(t, file("1 7 . A C . . . "+test.format+" "+test.columns+"\n"), test.field), nil)
		if err != nil {
			t.Errorf("%s: %v", test.columns, err)
			continue
		}
		if got.Variants[0].Genotypes != test.want {
			t.Errorf("%s: read%s, want%s", test.columns, got.Variants[0].Genotypes, test.want)
		}
	}
}

// TestOddDosages passes over records with values that are no dosages. PLINK 2.00a3.5
// refuses the file.
func TestOddDosages(t *testing.T) {
	for _, test := range []struct{ field, format, columns, want string }{
		{"DS", "GT:DS", "0/0:0 0/0:2.0005 0/0:0", `column 11 (sample b): DS "2.0005" is not from 0 to 2, the range of a diploid call`},
		{"DS", "GT:DS", "0/0:2.001 0/0:0 0/0:0", `column 10 (sample a): DS "2.001" is not from 0 to 2, the range of a diploid call`},
		{"DS", "DS", "0 0 -0.0005", `column 12 (sample c): DS "-0.0005" is not from 0 to 2, the range of a diploid call`},
		{"DS", "DS", "1e300 0 0", `column 10 (sample a): DS "1e300" is not from 0 to 2, the range of a diploid call`},
		{"DS", "GT:DS", "0:1.00025 0:0 0:0", `column 10 (sample a): DS "1.00025" is not from 0 to 1, the range of a haploid call`},
		{"DS", "GT:DS", ".:1.3 0/0:0 0/0:0", `column 10 (sample a): DS "1.3" is not from 0 to 1, the range of a haploid call`},
		{"DS", "DS", "0 nan 0", `column 11 (sample b): DS "nan" is not a number`},
		{"DS", "DS", "0  0", `column 11 (sample b): DS "" is not a number`},
		{"DS", "DS", "0 0.1,0.2 0", `column 11 (sample b): DS "0.1,0.2" is not a number`},
		{"DS", "DS", "0.12x 0 0", `column 10 (sample a): DS "0.12x" is not a number`},
		{"DS", "DS", "1.5.5 0 0", `column 10 (sample a): DS "1.5.5" is not a number`},
		{"DS", "DS", "- 0 0", `column 10 (sample a): DS "-" is not a number`},
		{"DS", "DS", ".. 0 0", `column 10 (sample a): DS ".." is not a number`},
		{"DS", "DS", "1e 0 0", `column 10 (sample a): DS "1e" is not a number`},
		{"DS", "DS", "1e1000 0 0", `column 10 (sample a): DS "1e1000" is not a number`},
		{"DS", "DS", "0.12345678901234567890x 0 0", `column 10 (sample a): DS "0.123456789012345678…" is not a number`},
		{"DS", "GT:DS", "0/2:0.5 0/0:0 0/0:0", `column 10 (sample a): call "0/2" names an allele that the record does not have`},
		{"HDS", "GT:HDS", "0|0:0.5,1.2 0|0:0,0 0|0:0,0", `column 10 (sample a): HDS "0.5,1.2": "1.2" is not a number from 0 to 1`},
		{"HDS", "GT:HDS", "0|0:0,0 0|0:0.5,. 0|0:0,0", `column 11 (sample b): HDS "0.5,.": "." is not a number from 0 to 1`},
		{"HDS", "GT:HDS", "0:0.5,0.5 0|0:0,0 0|0:0,0", `column 10 (sample a): HDS "0.5,0.5" is not the one dosage of a haploid call`},
		{"HDS", "HDS", "0,0,0 0,0 0,0", `column 10 (sample a): HDS "0,0,0": "0,0" is not a number from 0 to 1`},
		{"GP", "GT:GP", "0/0:1,0,0 0/1:0,1 0/0:1,0,0", `column 11 (sample b): GP "0,1" is not the three probabilities of a diploid call`},
		{"GP", "GP", "1,0,0 0,1 1,0,0", `column 11 (sample b): GP "0,1" is not the three probabilities of a diploid call`},
		{"GP", "GP", "1,0,0,0 0,1,0 1,0,0", `column 10 (sample a): GP "1,0,0,0" is not the three probabilities of a diploid call`},
		{"GP", "GT:GP", "1:0.1,0,0.9 0:0,1 0:1,0", `column 10 (sample a): GP "0.1,0,0.9" is not the two probabilities of a haploid call`},
		{"GP", "GP", "0,30,60 1,0,0 1,0,0", `column 10 (sample a): GP "0,30,60": "30" is not a number from 0 to 1`},
		{"GP", "GP", "0.2,.,. 1,0,0 1,0,0", `column 10 (sample a): GP "0.2,.,.": "." is not a number from 0 to 1`},
		{"GP", "GP", "1,0, 1,0,0 1,0,0", `column 10 (sample a): GP "1,0,": "" is not a number from 0 to 1`},
		{"GP", "GP", "1.1,-0.1,0 1,0,0 1,0,0", `column 10 (sample a): GP "1.1,-0.1,0": "1.1" is not a number from 0 to 1`},
		{"GP", "GP", "0.9,-0.1,0.2 1,0,0 1,0,0", `column 10 (sample a): GP "0.9,-0.1,0.2": "-0.1" is not a number from 0 to 1`},
		{"GP", "GP", "0.2,0.5,0.9 1,0,0 1,0,0", `column 10 (sample a): GP "0.2,0.5,0.9" sums to 1.6 instead of 1`},
		{"GP", "GP", "0.5,0.39,0 1,0,0 1,0,0", `column 10 (sample a): GP "0.5,0.39,0" sums to 0.89 instead of 1`},
	} {
		r := dosageReader(t, file("1 7 . A C . . . "+test.format+" "+test.columns+"\n"), test.field)
		got, err := readDosages(r, nil)
		reason := oddDosage(test.field)
		if strings.Contains(test.want, "call") && !strings.Contains(test.want, "call's") && !strings.Contains(test.want, " of a ") {
			reason = oddCall
		}
		if want := map[string]int{reason + "; the first in line 3: " + test.want: 1}; err != nil || len(got.Variants) > 0 || !cmp.Equal(r.Skipped(), want) {
			t.Errorf("%s\ngot  %v, %v\nwant %v", test.columns, r.Skipped(), err, want)
		}
	}
	if _, err := OpenDosages("testdata/dosages.vcf", nil, "XDS"); err == nil || err.Error() != `dosages are read from DS, GP, HDS, not from "XDS"` {
		t.Error(err)
	}
	if _, err := OpenDosages("testdata/none.vcf", nil, "DS"); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// TestDosagesWithoutScale passes over DS without GT where it may be that of one copy.
func TestDosagesWithoutScale(t *testing.T) {
	reason := noScale + "; the first in line 3: "
	for _, test := range []struct {
		field, record, want string
		skipped             map[string]int
	}{
		{"DS", "chrX 7 . A C . . . DS 0.9 1 0", "", map[string]int{reason + "chrX:7": 1}},
		{"DS", "24 7 . A C . . . DS:GP 0.9 1 0", "", map[string]int{reason + "24:7": 1}},
		{"HDS", "M 7 . A C . . . DS 0.9 1 0", "", map[string]int{reason + "M:7": 1}},
		{"HDS", "X 7 . A C . . . DS:HDS 0.9:0.9 1:0.4,0.6 1:.", " 1800 1000 .", map[string]int{}},
		{"GP", "X 7 . A C . . . GP:DS 0,1,0:0.9 0,0,1:1 1,0,0:0", " 1000 2000 0", map[string]int{}},
		{"DS", "X 7 . A C . . . GT:DS 0:0.9 0/1:0.9 .:.", " 1800 900 .", map[string]int{}},
		{"DS", "PAR1 7 . A C . . . DS 0.9 1 0", " 900 1000 0", map[string]int{}},
		{"DS", "22 7 . A C . . . DS 0.9 1 0", " 900 1000 0", map[string]int{}},
	} {
		r := dosageReader(t, file(test.record), test.field)
		got, err := readDosages(r, nil)
		rows := ""
		for _, v := range got.Variants {
			rows += v.Genotypes
		}
		if err != nil || rows != test.want || !cmp.Equal(r.Skipped(), test.skipped) {
			t.Errorf("%s\ngot  %q, %v, %v\nwant %q, %v", test.record, rows, r.Skipped(), err, test.want, test.skipped)
		}
	}
}

// TestFieldAbsentEarly does not read a long file to its end to find that it lacks a field.
func TestFieldAbsentEarly(t *testing.T) {
	const header = "##FORMAT=<ID=DS,Number=1>\n"
	calls, ds := "1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 9 . A C . . . GT:DS 0/0:0.5 0/1:. ./.:.\n"
	late := strings.Repeat(calls, patience)
	got, err := readDosages(dosageReader(t, header+file(late, calls, ds), "DS"), nil)
	const want = `x.vcf, line 1004: the header names DS, but none of the 1000 variants so far has it (FORMAT is "GT"); leave --dosage-field out to read calls (GT)`
	if err == nil || err.Error() != want || len(got.Variants) != patience {
		t.Errorf("got %v after %d, want %s", err, len(got.Variants), want)
	}
	for _, text := range []string{file(late, ds, calls), file(ds, late, calls)} {
		if got, err := readDosages(dosageReader(t, header+text, "DS"), nil); err != nil || len(got.Variants) != patience+2 {
			t.Errorf("%d variants, %v", len(got.Variants), err)
		}
	}
}

// TestFieldAbsent refuses a file without the field: at once if the header does not name
// it, and at its end. Where some records have it, the others are counted.
func TestFieldAbsent(t *testing.T) {
	const named = "##FORMAT=<ID=DS,Number=1>\n"
	calls, hds, ds := "1 7 . A C . . . GT 0/0 0/1 1/1\n", "1 8 . A C . . . GT:HDS 0|0:0,0 0|1:0,1 1|1:1,1\n", "1 9 . A C . . . GT:DS 0/0:0.5 0/1:. ./.:.\n"
	for _, test := range []struct {
		header  string
		records []string
		want    string
	}{
		{"", []string{hds, ds}, "x.vcf, line 3: neither the header nor FORMAT has DS (it has HDS, which --dosage-field HDS reads)"},
		{"", []string{calls}, `x.vcf, line 3: neither the header nor FORMAT has DS (FORMAT is "GT")`},
		{named, []string{calls, hds}, "x.vcf: no record has DS; leave --dosage-field out to read calls (GT)"},
		{named, []string{calls, hds, ds}, ""},
		{"", []string{ds, calls, hds}, ""},
	} {
		r := dosageReader(t, test.header+file(test.records...), "DS")
		if test.header != "" {
			test.want = strings.Replace(test.want, "line 3", "line 4", 1)
		}
		_, err := readDosages(r, nil)
		if test.want != "" {
			if err == nil || err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			continue
		}
		if err != nil || r.noted[noField("DS")].count != 2 || r.noted[noValue("DS")].count != 1 {
			t.Error(err, r.Notes())
		}
	}
	// Half-calls matter where they stand for a dosage.
	for text, want := range map[string]string{"./1:. 0/0:0 0/0:0": "has one allele and lacks the other", "./1:0.5 0/0:0 0/0:0": ""} {
		_, err := readDosages(dosageReader(t, file("1 7 . A C . . . GT:DS "+text+"\n"), "DS"), nil)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestDosagesSkipped(t *testing.T) {
	text := file(
		"1 1 a A C,G . . . GT:DS 0/1:1,0 0/2:0,1 1/2:1,1\n",
		"1 2 b A . . . . GT:DS 0/0:0 0/0:0 0/0:0\n",
		"1 3 c A <DEL> . . . DS 0 0 0\n",
		"1 7 g A T . . . DP 1 2 3\n",
		"1 8 h A T . . . GP:DP 1,0,0:1 0,1,0:2 0,0,1:3\n",
		"1 9 i A T . . . DS 1 0.3 2\n",
	)
	for field, want := range map[string]content{
		"DS": {
			Variants: []variantRow{{genomics.Variant{Chrom: "1", Pos: 9, ID: "i", Ref: "A", Alt: "T"}, " 1000 300 2000"}},
			Skipped:  map[string]int{genomics.MultiAllelic: 1, genomics.NoAlt: 1, genomics.SymbolicAlt: 1, "neither DS nor GT in FORMAT": 2},
		},
		"GP": {
			Variants: []variantRow{{genomics.Variant{Chrom: "1", Pos: 8, ID: "h", Ref: "A", Alt: "T"}, " 0 1000 2000"}},
			Skipped:  map[string]int{genomics.MultiAllelic: 1, genomics.NoAlt: 1, genomics.SymbolicAlt: 1, "neither GP nor GT in FORMAT": 2},
		},
	} {
		got, err := readDosages(dosageReader(t, text, field), nil)
		if err != nil {
			t.Fatal(err)
		}
		want.Samples, want.Noted = []string{"a", "b", "c"}, map[string]int{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// TestDosagesAgainstPLINK compares every dosage, frequency and missing count of
// a file with those of PLINK 2.00a3.5. In the records named exact every number
// has three decimals at most, so that a DS is the same in thousandths; PLINK
// takes it to the nearest multiple of 1/16384 before it sums, and so does the
// test. The recorded lines were made by
//
//	plink2 --vcf dosages.vcf dosage=FIELD --export A-transpose --freq --missing variant-only vcols=chrom,nmissdosage,nobs,fmissdosage
//	paste <(cut -f2,5,6 plink2.afreq) <(cut -f3 plink2.vmiss) <(cut -f7- plink2.traw) | tail -n +2
//
// where FIELD was DS or GP-force. The dosages in them are those of REF.
func TestDosagesAgainstPLINK(t *testing.T) {
	const grid = 16384
	for _, field := range []string{"DS", "GP"} {
		recorded, err := os.ReadFile("testdata/dosages." + field + ".plink2.txt")
		if err != nil {
			t.Fatal(err)
		}
		r, err := OpenDosages("testdata/dosages.vcf", nil, field)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		row := make(genomics.DosageRow, len(r.Samples()))
		tried := 0
		for line := range strings.Lines(string(recorded)) {
			tried++
			want := strings.Fields(line)
			var v genomics.Variant
			if err := r.NextDosages(&v, row); err != nil {
				t.Fatal(err)
			}
			c := row.Count()
			alt, alleles := genomics.Diploid.DosageAlleles(c, genomics.DosageCounts{})
			if v.ID != want[0] || strconv.Itoa(2*c.Called) != want[2] || strconv.Itoa(c.Missing) != want[3] || len(row) != len(want)-4 {
				t.Fatalf("%s: read %s, %+v of %d samples, want %v", field, v.ID, c, len(row), want)
			}
			exact := field == "DS" && strings.HasPrefix(v.ID, "exact")
			onGrid := 0
			for i, d := range row {
				plink := want[4+i]
				if d == genomics.MissingDosage || plink == "NA" {
					if d != genomics.MissingDosage || plink != "NA" {
						t.Errorf("%s %s, sample %d: %d, want %s", field, v.ID, i, d, plink)
					}
					continue
				}
				onGrid += (int(d)*grid + 500) / 1000
				ref, err := strconv.ParseFloat(plink, 64)
				if err != nil {
					t.Fatal(err)
				}
				// Half a thousandth, half a step of PLINK's, and its six digits.
				bound := 0.0005 + 0.5/grid + 5e-6
				if exact {
					bound = 1e-9
				}
				if math.Abs(2-ref-float64(d)/1000) > bound {
					t.Errorf("%s %s, sample %d: %d, want 2 less %s", field, v.ID, i, d, plink)
				}
			}
			if c.Called == 0 {
				if want[1] != "nan" {
					t.Errorf("%s %s: no dosage, frequency %s", field, v.ID, want[1])
				}
				continue
			}
			frequency, err := strconv.ParseFloat(want[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(alt/alleles-frequency) > (0.0005+0.5/grid)/2+5e-7 {
				t.Errorf("%s %s: frequency %v, want %v", field, v.ID, alt/alleles, frequency)
			}
			if got := strconv.FormatFloat(float64(onGrid)/float64(2*grid*c.Called), 'g', 6, 64); exact && got != want[1] {
				t.Errorf("%s %s: frequency %s on PLINK's grid, want %s", field, v.ID, got, want[1])
			}
		}
		if tried != 36 {
			t.Errorf("%d lines", tried)
		}
	}
}

// TestDosageRegions reads a file without dosages, whole and by regions: the
// dosages are those of the genotypes.
func TestDosageRegions(t *testing.T) {
	dosages := map[rune]string{'0': " 0", '1': " 1000", '2': " 2000", '.': " ."}
	path := indexed(t, ".tbi")
	for _, regions := range [][]string{nil, {"X", "chr1:1-90000000"}} {
		want, err := read(Open(path, regions))
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range want.Variants {
			var spelled strings.Builder
			for _, g := range v.Genotypes {
				spelled.WriteString(dosages[g])
			}
			want.Variants[i].Genotypes = spelled.String()
		}
		r, err := OpenDosages(path, regions, "DS")
		if err != nil {
			t.Fatal(err)
		}
		r.judge = nil // the file has calls alone
		got, err := readDosages(r, nil)
		if err != nil || got.Noted[noField("DS")] != len(got.Variants) {
			t.Fatal(err, got.Noted)
		}
		got.Noted = want.Noted
		if diff := cmp.Diff(want, got); diff != "" || len(got.Variants) < 100 {
			t.Error(len(got.Variants), diff)
		}
	}
}

func TestDosageAllocations(t *testing.T) {
	for _, test := range []struct {
		field, format string
		columns       []string
	}{
		{"DS", "GT:DS", []string{"0/0:0.012", "0|1:1e-05", "./.:.", "0:0.5", "1/1"}},
		{"DS", "DS", []string{"0.012", "2", ".", "-0.0001"}},
		{"GP", "GT:DS:GP", []string{"0/0:0:0.2,0.5,0.3", "0:0:0.01,0.99", "1/1:2:.,.,.", "0/1:0:0,1e-1,0.9"}},
		{"GP", "GT", []string{"0/0", "1", "."}},
	} {
		r := dosageReader(t, synthetic(200, 2000, test.format, test.columns...), test.field)
		r.judge = nil
		var v genomics.Variant
		row := make(genomics.DosageRow, 200)
		checkAllocations(t, 2000, func() error { return r.NextDosages(&v, row) })
	}
}

// TestDecimal compares reading numbers with rational arithmetic.
func TestDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Half of the numbers are near the middle between two results.
		text := rapid.StringMatching(`[+-]?[0-9]{0,3}(\.[0-9]{0,12})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "text")
		if rapid.Bool().Draw(t, "half") {
			text = rapid.StringMatching(`0*[0-2]\.[0-9]{2,9}(50*[0-9]?|49*[0-9]?)(e-?[01])?`).Draw(t, "text")
		}
		places := rapid.IntRange(0, 9).Draw(t, "places")
		size, negative, ok := decimal([]byte(text), places)
		x, err := slowNumber(text)
		if ok != (err == nil) {
			t.Fatalf("%q: ok %v, twin says %v", text, ok, err)
		}
		if err != nil {
			return
		}
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
		want := nearest(x.Mul(x, new(big.Rat).SetInt(scale)))
		if want.CmpAbs(big.NewInt(tooLarge)) >= 0 {
			want.SetInt64(tooLarge)
		}
		if negative != strings.HasPrefix(text, "-") || want.CmpAbs(big.NewInt(size)) != 0 {
			t.Errorf("%q to %d places: %d, negative %v, want %d", text, places, size, negative, want)
		}
	})
}

// TestDosageTwins compares the reader with its slow twin on columns that are
// mostly right.
func TestDosageTwins(t *testing.T) {
	call := rapid.SampledFrom([]string{"0/0", "0|1", "1/1", "0/0", "1|0", "./.", ".", "0", "1", "./1", "01/0"})
	ds := rapid.OneOf(rapid.StringMatching(`[01](\.[0-9]{1,4})?`), rapid.StringMatching(`[0-2]\.?[0-9]{0,6}(e-[0-9]{1,3})?`), rapid.Just("."))
	gp := rapid.Custom(func(t *rapid.T) string {
		a := rapid.IntRange(0, 1000).Draw(t, "a")
		b := rapid.IntRange(0, 1000-a).Draw(t, "b")
		part := func(n int) string {
			return strconv.FormatFloat(float64(n)/1000, 'f', rapid.IntRange(1, 4).Draw(t, "decimals"), 64)
		}
		return rapid.SampledFrom([]string{part(a) + "," + part(b) + "," + part(1000-a-b), part(a) + "," + part(1000-a), ".", "0,0,0"}).Draw(t, "GP")
	})
	hds := rapid.StringMatching(`[01](\.[0-9]{1,4})?(,0\.[0-9]{1,3})?|\.(,\.)?`)
	rapid.Check(t, func(t *rapid.T) {
		format := rapid.SampledFrom([]string{"GT:DS", "GT:DS:GP", "GT:GP:DS", "DS:GP", "GT", "GP:DS", "GT:X:DS", "GT:HDS", "GT:HDS:DS", "HDS"}).Draw(t, "format")
		record := "1 7 . A C . . . " + format
		for range 3 {
			var values []string
			for key := range strings.SplitSeq(format, ":") {
				values = append(values, map[string]*rapid.Generator[string]{"GT": call, "DS": ds, "GP": gp, "X": ds, "HDS": hds}[key].Draw(t, key))
			}
			record += " " + strings.Join(values[:rapid.IntRange(1, len(values)).Draw(t, "values")], ":")
		}
		for _, field := range DosageFields {
			compareWithTwin(t, file(record+"\n"), field)
		}
	})
}

// FuzzDosages compares the reader with its slow twin on any text.
func FuzzDosages(f *testing.F) {
	f.Add(file("1 7 . A C . . . GT:DS 0/0:0.1 0/1:1e-05 1/1:1.995\n", "1 8 rs3 AT G . . . GT:DP:GP 0|1:3:0,0.5,0.5 .:. 1:3:0.1,0.9\n"))
	f.Add(file("X 7 . A C . . . DS 0.5 . 1\n", "MT 7 . A C . . . HDS:DS 0.5:1 .:1 1\n", "XY 7 . A C . . . DS 0.5 . 1\n"))
	f.Add(file("1 7 . A C . . . DS 0.12345 . 2.0004\n", "X 8 . A T . . . GT:DS 0:.3 1:+1. .:4e-1", "X 8 . A T . . . DP 0 1 ."))
	f.Add(file("1 7 . A C . . . GP:DS 0,1,0:1 .,.,.:0 0.333,0.333,0.333:1\r\n"))
	f.Add(file("1 7 . A C . . . GT:DS 0/0:-0 0/1:2.5 1/1:nan\n"))
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "\x1f\x8b") {
			return // compressed data are FuzzCompressed's
		}
		for _, field := range DosageFields {
			compareWithTwin(t, text, field)
		}
	})
}

func compareWithTwin(t rapid.TB, text, field string) {
	t.Helper()
	want, wantErr := readDosagesSlowly(text, field)
	got, gotErr := readDosages(NewDosageReader(strings.NewReader(text), "x.vcf", field))
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%s: errors differ: twin %v, reader %v", field, wantErr, gotErr)
	}
	if diff := cmp.Diff(want.Variants, got.Variants); diff != "" {
		t.Error(field, diff)
	}
	if diff := cmp.Diff(want, got); wantErr == nil && diff != "" {
		t.Error(field, diff)
	}
}

func benchmarkDosages(b *testing.B, field, format string, columns ...string) {
	const samples = 2000
	text := synthetic(samples, 500, format, columns...)
	row := make(genomics.DosageRow, samples)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r := dosageReader(b, text, field)
		var v genomics.Variant
		for range 500 {
			if err := r.NextDosages(&v, row); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500/samples, "ns/sample")
}

func BenchmarkDS(b *testing.B) {
	benchmarkDosages(b, "DS", "GT:DS", "0|0:0.012", "0|1:1.003", "1|1:1.998", "0|0:0", "0|0:0.1")
}

func BenchmarkDSFirst(b *testing.B) {
	benchmarkDosages(b, "DS", "GT:DS:GP", "0|0:0.012:0.988,0.012,0", "0|1:1.003:0.002,0.993,0.005", "1|1:1.998:0,0.002,0.998")
}

func BenchmarkGP(b *testing.B) {
	benchmarkDosages(b, "GP", "GT:DS:GP", "0|0:0.012:0.988,0.012,0", "0|1:1.003:0.002,0.993,0.005", "1|1:1.998:0,0.002,0.998")
}
