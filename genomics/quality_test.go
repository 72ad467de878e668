package genomics_test

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/pgen"
	"genoveil/genomics/rowtest"
	"genoveil/genomics/vcf"
)

func TestQualityOf(t *testing.T) {
	nan := math.NaN()
	for info, want := range map[string]float64{
		"R2=0.3": 0.3, "AF=0.1;R2=3e-1;IMP": 0.3, "IMP;R2=1": 1, "R2=+0.4": 0.4, "R2=-1": -1, "R2=0.1;R2=0.9": 0.1,
		"": nan, ".": nan, "R2": nan, "R2=": nan, "R2=.": nan, "R2=nan": nan, "R2=inf": nan, "R2=1e999": nan, "R2=0.9,0.2": nan,
		"XR2=0.9": nan, "R2X=0.9": nan, "AF=R2=0.9": nan, ";": nan,
	} {
		if got := genomics.QualityOf([]byte(info), "R2"); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%q: %v, expected %v", info, got, want)
		}
	}
}

func TestQualityHeader(t *testing.T) {
	for _, test := range []struct {
		declared    string // keys
		keys        []string
		key, failed string
	}{
		{"AF,R2,ER2", genomics.R2Keys, "R2", ""},
		{"AR2,DR2,AF", genomics.R2Keys, "DR2", ""},
		{"AR2", genomics.R2Keys, "AR2", ""},
		{"INFO_SCORE,INFO", genomics.InfoKeys, "INFO", ""},
		{"IMPINFO", genomics.InfoKeys, "IMPINFO", ""},
		{"INFO,R2,INFO", genomics.R2Keys, "R2", ""},
		{"", genomics.R2Keys, "", "the header of x declares none of R2, DR2, AR2 in INFO"},
		{"AF,INFO,DR2", []string{"IMPINFO"}, "", "the header of x declares none of IMPINFO in INFO; it declares INFO, DR2"},
	} {
		var h genomics.QualityHeader
		h.Read([]byte(`##FORMAT=<ID=R2,Number=1>`))
		h.Read([]byte(`##INFO=<ID=R`))
		for key := range strings.SplitSeq(test.declared, ",") {
			h.Read([]byte("##INFO=<ID=" + key + ",Number=1,Type=Float,Description=\"x\">"))
		}
		key, err := h.Choose("x", test.keys)
		failed := ""
		if err != nil {
			failed = err.Error()
		}
		if key != test.key || failed != test.failed {
			t.Errorf("%s: %q, %q", test.declared, key, failed)
		}
	}
}

// qualities reads all variants of a source, and what they have.
func qualities(t *testing.T, next func(*genomics.Variant) error) (all []float64) {
	t.Helper()
	for {
		var v genomics.Variant
		err := next(&v)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v.Quality)
	}
}

// TestQualityOfFormats reads the same INFO from a VCF, as calls and as dosages, and from a
// PLINK 2 fileset. A variant that is passed over is in between.
func TestQualityOfFormats(t *testing.T) {
	const meta = "##INFO=<ID=DR2,Number=1,Type=Float,Description=\"x\">\n##INFO=<ID=INFO,Number=1,Type=Float,Description=\"x\">\n"
	const columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
	variants := []genomics.Variant{{Chrom: "1", Pos: 5, ID: "a", Ref: "A", Alt: "C"}, {Chrom: "1", Pos: 6, ID: "b", Ref: "A", Alt: "C,G"}, {Chrom: "1", Pos: 7, ID: "c", Ref: "A", Alt: "C"}}
	infos := []string{"INFO=0.1;DR2=0.25", "DR2=0.5", "AF=0.1"}
	text, pvar := "##fileformat=VCFv4.2\n"+meta+columns+"\tFORMAT\ts0\n", meta+columns+"\n"
	var cohort []rowtest.Row
	for i, v := range variants {
		line := strings.Join([]string{v.Chrom, string('0' + rune(v.Pos)), v.ID, v.Ref, v.Alt, ".", ".", infos[i]}, "\t")
		text += line + "\tGT:DS\t0/1:0.5\n"
		pvar += line + "\n"
		cohort = append(cohort, rowtest.Row{Variant: v, Dosages: []uint16{1000}})
	}
	data, _, psam := rowtest.PGEN([]string{"s0"}, cohort)
	dir := t.TempDir()
	for name, text := range map[string]string{"x.vcf": text, "x.pgen": data, "x.pvar": pvar, "x.psam": psam} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	type reader interface {
		Quality([]string) (string, error)
		io.Closer
	}
	path := filepath.Join(dir, "x")
	open := map[string]func() (reader, func(*genomics.Variant) error, error){
		"VCF": func() (reader, func(*genomics.Variant) error, error) {
			r, err := vcf.Open(path+".vcf", nil)
			return r, func(v *genomics.Variant) error { return r.Next(v, make(genomics.Row, 1)) }, err
		},
		"dosages of VCF": func() (reader, func(*genomics.Variant) error, error) {
			r, err := vcf.OpenDosages(path+".vcf", nil, "DS")
			return r, func(v *genomics.Variant) error { return r.NextDosages(v, make(genomics.DosageRow, 1)) }, err
		},
		"PGEN": func() (reader, func(*genomics.Variant) error, error) {
			r, err := pgen.Open(path)
			return r, func(v *genomics.Variant) error { return r.Next(v, make(genomics.Row, 1)) }, err
		},
		"dosages of PGEN": func() (reader, func(*genomics.Variant) error, error) {
			r, err := pgen.OpenDosages(path)
			return r, func(v *genomics.Variant) error { return r.NextDosages(v, make(genomics.DosageRow, 1)) }, err
		},
	}
	for name, open := range open {
		for _, asked := range []bool{true, false} {
			r, next, err := open()
			if err != nil {
				t.Fatal(name, err)
			}
			if asked {
				if key, err := r.Quality(genomics.R2Keys); key != "DR2" || err != nil {
					t.Error(name, key, err)
				}
			}
			got := qualities(t, next)
			if len(got) != 2 || asked && (got[0] != 0.25 || !math.IsNaN(got[1])) || !asked && (got[0] != 0 || got[1] != 0) {
				t.Errorf("%s, asked is %v: %v", name, asked, got)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	// A file of variants without the column, and of PLINK 1.
	for _, text := range []string{meta + "#CHROM\tPOS\tID\tREF\tALT\n1\t5\ta\tA\tC\n1\t6\tb\tA\tC,G\n1\t7\tc\tA\tC\n", "1 a 0 5 C A\n1 b 0 6 C,G A\n1 c 0 7 C A\n"} {
		if err := os.WriteFile(path+".pvar", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := pgen.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Quality(genomics.R2Keys); err == nil || err.Error() != path+".pvar has no column INFO" {
			t.Error(err)
		}
		r.Close()
	}
}
