package score

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/gzip"

	"genoveil/genomics"
	"genoveil/genomics/text"
)

const catalog = `###PGS CATALOG SCORING FILE - see https://www.pgscatalog.org/downloads/#dl_ftp_scoring for additional information
#format_version=2.0
##POLYGENIC SCORE (PGS) INFORMATION
#pgs_id=PGS999999
#genome_build=GRCh37
rsID	chr_name	chr_position	effect_allele	other_allele	effect_weight	allelefrequency_effect
rs1	1	1000	A	G	0.5	0.25
rs2	chrX	2000	c	T/G	-1e-3	
`

func TestRead(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name, text string
		want       File
	}{
		{"catalog 2.0", catalog, File{Names: []string{"PGS999999"}, Build: "GRCh37", Weights: []Weight{
			{7, "1", 1000, "rs1", "A", "G", 0.25, []float64{0.5}},
			{8, "chrX", 2000, "rs2", "C", "", nan, []float64{-0.001}},
		}}},
		{"harmonised", "#genome_build=GRCh37\n#HmPOS_build=GRCh38\n" +
			"rsID\tchr_name\tchr_position\teffect_allele\teffect_weight\thm_rsID\thm_chr\thm_pos\thm_inferOtherAllele\n" +
			"rs1\t1\t1000\tA\t1\trs1\t2\t3000\tT\n" +
			"\t1\t1001\tA\t2\trs7\t\t\t\n",
			File{Names: []string{"weights"}, Build: "GRCh38", Weights: []Weight{
				{4, "2", 3000, "rs1", "A", "T", nan, []float64{1}},
				{5, "", 0, "rs7", "A", "", nan, []float64{2}},
			}}},
		{"catalog 1.0", "#genome_build=NR\nrsID\teffect_allele\treference_allele\teffect_weight\nrs1\tA\tG\t3\n",
			File{Names: []string{"weights"}, Weights: []Weight{{3, "", 0, "rs1", "A", "G", nan, []float64{3}}}}},
		{"table", "rs1 A 1\nrs2\tGC\t-2.5\r\n",
			File{Names: []string{"weights"}, Weights: []Weight{{1, "", 0, "rs1", "A", "", nan, []float64{1}}, {2, "", 0, "rs2", "GC", "", nan, []float64{-2.5}}}}},
		{"table of two scores", "rs1 A 1 2\n", File{Names: []string{"weights_1", "weights_2"}, Weights: []Weight{{1, "", 0, "rs1", "A", "", nan, []float64{1, 2}}}}},
		{"table with header", "ID A1 HEIGHT BMI\n\nrs1 A 1 2\n", File{Names: []string{"HEIGHT", "BMI"}, Weights: []Weight{{3, "", 0, "rs1", "A", "", nan, []float64{1, 2}}}}},
		{"table with marked header", "#ID A1 HEIGHT\nrs1 A 1\n", File{Names: []string{"HEIGHT"}, Weights: []Weight{{2, "", 0, "rs1", "A", "", nan, []float64{1}}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "weights.txt.gz")
			test.want.Path = path
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			z.Write([]byte(test.text))
			z.Close()
			for _, content := range [][]byte{[]byte(test.text), packed.Bytes()} {
				if err := os.WriteFile(path, content, 0o644); err != nil {
					t.Fatal(err)
				}
				got, err := Read(path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(&test.want, got, cmpopts.EquateNaNs()); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	const header = "chr_name\tchr_position\teffect_allele\teffect_weight\tis_interaction\tis_recessive\tallelefrequency_effect\n"
	for _, test := range []struct{ text, want string }{
		{"", "w: no weights"},
		{"#pgs_id=PGS1\n", "w: no weights"},
		{header, "w: no weights"},
		{"ID A1 BETA\n", "w: no weights"},
		{"rs1 A\n", "w, line 1: 2 columns; a table of weights has"},
		{"rs1 A 1\nrs2 A 1 2\n", "w, line 2: 4 columns, expected 3"},
		{"rs1 A 1\nrs2 A x\n", `w, line 2: the weight "x" is not a finite number`},
		{"ID,A1,BETA\nrs1,A,1\n", "w, line 1: the columns are separated by commas; write spaces or tabs"},
		{"CHR SNP BP A1 BETA\n1 rs1 5 A 0.5\n", `w, line 2: the weight "A" is not a finite number; the columns are taken as ID, effect allele and weights, so name others with --weights-columns`},
		{"rs1 A NA\nrs2 A 1\n", `w, line 1: the weight "NA" is not a finite number`},
		{"rs1 A 1\nrs2 A nan\n", `w, line 2: the weight "nan" is not a finite number`},
		{"rs1 A 1\nrs2 A 1e999\n", `w, line 2: the weight "1e999" is not a finite number`},
		{"rs1 <DEL> 1\nrs2 P 1\n", `w: no weights; the effect alleles are not sequences of A, C, G and T ("<DEL>" in line 1)`},
		{"chr_name\tchr_position\teffect_allele\n1\t2\tA\n", "w, line 1: the column effect_weight is missing"},
		{"chr_name\teffect_allele\teffect_weight\n1\tA\t1\n", "w, line 1: the columns hm_pos, chr_position and rsID are missing"},
		{"rsID\trsID\teffect_allele\teffect_weight\n", "w, line 1: the column rsID occurs twice"},
		{header + "1\tone\tA\t1\n", `w, line 2: the position "one" is not a whole number`},
		{header + "1\t0\tA\t1\n", `w, line 2: the position "0" is not a whole number`},
		{header + "1\t5\t\t1\n", `w: no weights; the effect alleles are not sequences of A, C, G and T ("" in line 2)`},
		{header + "1\t5\tA\tInf\n", `w, line 2: the weight "Inf" is not a finite number`},
		{header + "1\t5\tA\t1\tFalse\tTRUE\n", "w, line 2: is_recessive: only weights that multiply"},
		{header + "1\t5\tA\t1\tFalse\t\n1\t6\tA\t1\tNA\tyes\n", `w, line 3: is_recessive is "yes", and not True or False; write one of them, or nothing`},
		{header + "1\t5\tA\t1\t1\n", `w, line 2: is_interaction is "1", and not True or False; write one of them, or nothing`},
		{header + "1\t5\tA\t1\t1.0\n", `w, line 2: is_interaction is "1.0", and not True or False`},
		{header + "1\t5\tA\t1\tT\n", `w, line 2: is_interaction is "T", and not True or False`},
		{header + "1\t5\tA\t1\tTrue\n", "w, line 2: is_interaction: only weights that multiply"},
		{"rsID\teffect_allele\teffect_weight\tdosage_2_weight\nrs1\tA\t1\t\nrs2\tA\t1\t3\n", "w, line 3: dosage_2_weight is 3: only weights that multiply"},
		{header + "1\t5\tA\t1\t\t\t1.5\n", `w, line 2: the frequency "1.5" is not between 0 and 1`},
		{header + "1\t5\tA\t1\t\t\t\t9\n", "w, line 2: 8 columns, the header has 7"},
		{"rs1 A " + strings.Repeat("1", maxLine), "w, line 1: longer than 1048576 bytes"},
	} {
		_, err := parse(linesOf("w", strings.NewReader(test.text)), nil)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.60q: %v, want %s…", test.text, err, test.want)
		}
	}
}

// TestColumns reads tables as PLINK's --score FILE 1 4 6 header and further numbers do.
func TestColumns(t *testing.T) {
	type row struct {
		ID, Effect string
		Values     []float64
	}
	for _, test := range []struct {
		text    string
		columns Columns
		names   []string
		want    []row
		odd     string
	}{
		{"SNP CHR BP A1 A2 BETA P\nrs1 1 5 A G 0.5 0.1\nrs2 1 6 T C -1 0.2\n", Columns{1, 4, 6}, []string{"BETA"},
			[]row{{"rs1", "A", []float64{0.5}}, {"rs2", "T", []float64{-1}}}, ""},
		{"1 rs1 7 a 8\n", Columns{2, 4, 5, 3}, []string{"w_1", "w_2"}, []row{{"rs1", "A", []float64{8, 7}}}, ""},
		{"SNP A1 0.05 0.5\nrs1 A 1 2\n", nil, []string{"0.05", "0.5"}, []row{{"rs1", "A", []float64{1, 2}}}, ""},
		{"id Effect_Allele 5e-8\nrs1 A 1\n", nil, []string{"5e-8"}, []row{{"rs1", "A", []float64{1}}}, ""},
		{"rs0 P 3\nrs1 A 1\nrs2 <INS> 2\n", nil, []string{"w"}, []row{{"rs1", "A", []float64{1}}}, `"P" in line 1`},
		{"rsID\teffect_allele\teffect_weight\nAPOE\te4\t3\nrs1\tA\t1\n", nil, []string{"w"}, []row{{"rs1", "A", []float64{1}}}, `"e4" in line 2`},
		{"#pgs_id=PGS1\nrsID\teffect_weight_BMI\teffect_allele\teffect_weight_T2D\nrs1\t1\tA\t2\n", nil, []string{"BMI", "T2D"}, []row{{"rs1", "A", []float64{1, 2}}}, ""},
		{"#pgs_id=PGS1\nrsID\teffect_allele\teffect_weight_BMI\teffect_weight\nrs1\tA\t1\t2\n", nil, []string{"BMI", "PGS1"}, []row{{"rs1", "A", []float64{1, 2}}}, ""},
	} {
		f, err := parse(linesOf("w", strings.NewReader(test.text)), test.columns)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		var got []row
		for _, w := range f.Weights {
			got = append(got, row{w.ID, w.Effect, w.Values})
		}
		if !cmp.Equal(got, test.want) || !cmp.Equal(f.Names, test.names) || f.FirstNoSequence != test.odd || (f.NoSequence > 0) != (test.odd != "") {
			t.Errorf("%q: %v %q, %d, %s", test.text, got, f.Names, f.NoSequence, f.FirstNoSequence)
		}
	}
	for text, want := range map[string]string{
		"SNP A1 BETA\nrs1 A 1\n":                          "w, line 1: 3 columns, and the weights' are 1,4,6",
		"SNP C B A1 A2 BETA\nrs1 1 5 A G\n":               "w, line 2: 5 columns, expected 6",
		"rsID\teffect_allele\teffect_weight\nrs1\tA\t1\n": "w: is a scoring file of the PGS Catalog",
	} {
		if _, err := parse(linesOf("w", strings.NewReader(text)), Columns{1, 4, 6}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s…", text, err, want)
		}
	}
}

func linesOf(name string, r io.Reader) *lines {
	return &lines{Lines: text.NewLines(name, r, maxLine, "a table")}
}

func TestReadDamagedGzip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.gz")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(catalog))
	z.Close()
	for _, n := range []int{5, packed.Len() - 3} {
		if err := os.WriteFile(path, packed.Bytes()[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path, nil); err == nil || !strings.HasPrefix(err.Error(), path) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

func TestFrequencies(t *testing.T) {
	f, skipped, err := parseFrequencies(linesOf("f", strings.NewReader("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n1\trs1\tA\tG\t0.25\t8\n1\trs2\tA\tG,T\t0.2,0.1\t8\n1\trs3\tC\tT\tnan\t0\n1\t.\tC\tT\t0.5\t8\n1\t.\tC\tT\t0.1\t8\n")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{noID: 2, genomics.MultiAllelic: 1}, skipped); diff != "" {
		t.Error(diff)
	}
	want := Frequencies{{"rs1", "A", "G"}: 0.25, {"rs3", "C", "T"}: math.NaN()}
	if diff := cmp.Diff(want, f, cmpopts.EquateNaNs()); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct{ text, want string }{
		{"", "f: empty"},
		{strings.Repeat("#", maxLine+1), "f, line 1: longer than 1048576 bytes"},
		{"#CHROM\tID\tREF\tALT\n", "f, line 1: the column ALT_FREQS is missing"},
		{"ID REF ALT ALT_FREQS\nrs1 A G 2\n", `f, line 2: the frequency "2" is not between 0 and 1`},
		{"ID REF ALT ALT_FREQS\nrs1 A G\n", "f, line 2: 3 columns, the header has 4"},
		{"ID REF ALT ALT_FREQS\nrs1 A G 0\nrs1 A G 0\n", "f, line 3: rs1 A G occurs twice"},
	} {
		if _, _, err := parseFrequencies(linesOf("f", strings.NewReader(test.text))); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s…", test.text, err, test.want)
		}
	}
}

func TestCovariateWeights(t *testing.T) {
	got, err := parseCovariateWeights(linesOf("c", strings.NewReader("# name weight\nAGE 0.03\nSEX\t-1e-2\n")))
	if diff := cmp.Diff([]CovariateWeight{{"AGE", 0.03}, {"SEX", -0.01}}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, test := range []struct{ text, want string }{
		{"# nothing\n", "c: no weights"},
		{"AGE\n", "c, line 1: 1 columns; each line has"},
		{"AGE NaN\n", `c, line 1: the weight "NaN" is not a finite number`},
		{"AGE 1\nAGE 1\n", "c, line 2: AGE occurs twice"},
	} {
		if _, err := parseCovariateWeights(linesOf("c", strings.NewReader(test.text))); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q: %v, want %s…", test.text, err, test.want)
		}
	}
}

// FuzzRead demands that whatever is read can be matched and fixed.
func FuzzRead(f *testing.F) {
	f.Add(catalog)
	f.Add("SNP A1 0.05 0.5\nrs1 A 1 2\nrs2 e4 1 2\n")
	f.Add("rsID\teffect_weight_A\teffect_allele\teffect_weight\nrs1\t1\tA\t2\nrs2\t1\tP\t2\n")
	f.Add("ID A1 HEIGHT BMI\nrs1 A 1 2\nrs2 T 1e300 -0\n")
	f.Add("rsID\thm_chr\thm_pos\teffect_allele\teffect_weight\nrs1\t1\t1000\tA\t1e-310\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parse(linesOf("w", strings.NewReader(text)), nil)
		if err != nil {
			return
		}
		for _, w := range file.Weights {
			if len(w.Values) != len(file.Names) || w.Pos < 0 || w.Effect == "" {
				t.Fatalf("%+v", w)
			}
		}
		model, _, err := Match([]*File{file}, listed, MeanImputation{Off: true})
		if err != nil {
			return
		}
		limits := Limits{Answer: 1 << 46, Norm: 1 << 33, Steps: 1}
		for score := range model.Names {
			fixed, err := model.Fix(score, 0, limits, func(int) bool { return true })
			if err != nil {
				continue
			}
			checkLimits(t, fixed, limits)
		}
	})
}

// FuzzFrequencies demands frequencies between 0 and 1, or none, of variants with an ID,
// and that they can be looked up both ways round.
func FuzzFrequencies(f *testing.F) {
	f.Add("#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT\n1\trs1\tA\tG\t0.25\t8\n1\trs2\tA\tG,T\t0.2,0.1\t8\n1\trs3\tC\tT\tnan\t0\n1\t.\tC\tT\t0.5\t8\n")
	f.Add("ID REF ALT ALT_FREQS\nrs1 A G 1e-310\nrs1 G A 1\n")
	f.Add("# ID REF ALT ALT_FREQS\r\n\nrs1 A A 0x1p-2\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		frequencies, _, err := parseFrequencies(linesOf("f", strings.NewReader(text)))
		if err != nil {
			return
		}
		for key, x := range frequencies {
			if key[0] == "." || strings.Contains(key[2], ",") || x < 0 || x > 1 {
				t.Fatalf("%q: %g", key, x)
			}
			v := genomics.Variant{ID: key[0], Ref: key[1], Alt: key[2]}
			turned := genomics.Variant{ID: key[0], Ref: key[2], Alt: key[1]}
			same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
			if !same(frequencies.of(&v), x) {
				t.Fatalf("%q: %g, found %g", key, x, frequencies.of(&v))
			}
			if _, both := frequencies[[3]string{key[0], key[2], key[1]}]; !both && !same(frequencies.of(&turned), 1-x) {
				t.Fatalf("%q turned round: %g, found %g", key, x, frequencies.of(&turned))
			}
		}
	})
}

// FuzzCovariateWeights demands finite weights and different names.
func FuzzCovariateWeights(f *testing.F) {
	f.Add("# name weight\nAGE 0.03\nSEX\t-1e-2\n")
	f.Add("AGE 1e400\n")
	f.Add("\r\nAGE 0x1p-3\r\n#\nage -0\n")
	f.Fuzz(func(t *testing.T, text string) {
		weights, err := parseCovariateWeights(linesOf("c", strings.NewReader(text)))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, w := range weights {
			if w.Name == "" || seen[w.Name] || math.IsNaN(w.Weight) || math.IsInf(w.Weight, 0) {
				t.Fatalf("%+v", weights)
			}
			seen[w.Name] = true
		}
		if len(weights) == 0 {
			t.Fatal("no weights and no error")
		}
	})
}
