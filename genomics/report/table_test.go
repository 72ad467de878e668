package report

import (
	"bytes"
	"compress/gzip"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"genoveil/genomics/text"
)

// results reads a table and returns what it holds, in order. The scan keeps
// whole results in order of appearance until there are too many.
func results(name, text string) ([]Result, map[string]int, error) {
	var s Scan
	err := s.addTable(linesOf(name, text))
	return s.top.results, s.skipped, err
}

func equalResults(a, b []Result) bool {
	return slices.EqualFunc(a, b, func(a, b Result) bool {
		same := func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }
		return a.Chrom == b.Chrom && a.Pos == b.Pos && a.ID == b.ID && a.A1 == b.A1 &&
			same(a.A1Freq, b.A1Freq) && same(a.Effect, b.Effect) && same(a.SE, b.SE) && same(a.LogP, b.LogP)
	})
}

// The PLINK tables were printed by PLINK 1.90b6.26 and PLINK 2.00a3.5.
func TestTables(t *testing.T) {
	na := math.NaN()
	for _, c := range []struct {
		name    string
		text    string
		want    []Result
		skipped map[string]int
	}{
		{
			"PLINK 1.9 --assoc --ci", `
 CHR         SNP         BP   A1      F_A      F_U   A2        CHISQ            P           OR           SE          L95          U95 
   1   rs4970383     828418    A   0.3378   0.3339    C      0.03028       0.8619        1.017      0.09927       0.8375        1.236 
   1     monoref       1001    G        0        0    A           NA           NA           NA           NA           NA           NA 
`,
			[]Result{{"1", 828418, "rs4970383", "A", na, math.Log(1.017), 0.09927, -math.Log10(0.8619), 0, 0}},
			map[string]int{"no p-value": 1},
		},
		{
			"GWAS-SSF with #NA", `chromosome	base_pair_location	effect_allele	other_allele	beta	standard_error	effect_allele_frequency	p_value	variant_id	rsid
1	5	A	G	0.5	0.25	0.125	0.5	1_5_G_A	rs5
1	6	A	G	#NA	#NA	#NA	0.5	1_6_G_A	#NA
1	7	A	G	0.5	0.25	0.125	#NA	1_7_G_A	#NA
1	8	A	G	0.5	0.25	0.125	0.5	#NA	#NA
`,
			[]Result{
				{"1", 5, "rs5", "A", 0.125, 0.5, 0.25, -math.Log10(0.5), 0, 0},
				{"1", 6, "1_6_G_A", "A", na, na, na, -math.Log10(0.5), 0, 0},
				{"1", 8, "", "A", 0.125, 0.5, 0.25, -math.Log10(0.5), 0, 0},
			},
			map[string]int{"no p-value": 1},
		},
		{
			"PLINK 1.9 --linear", `
 CHR         SNP         BP   A1       TEST    NMISS       BETA         STAT            P 
  21   rs1296972   13610696    T        ADD      948    0.09041        1.077       0.2816
  21   rs1296972   13610696    T       COV1      948    0.1            1           0.3
`,
			[]Result{{"21", 13610696, "rs1296972", "T", na, 0.09041, na, -math.Log10(0.2816), 0, 0}},
			map[string]int{"row of a different test": 1},
		},
		{
			"PLINK 2 --glm intercept", `#CHROM	POS	ID	REF	ALT	A1	FIRTH?	TEST	OBS_CT	OR	LOG(OR)_SE	Z_STAT	P	ERRCODE
1	828418	rs4970383	C	A	A	N	INTERCEPT	951	0.652103	0.0971439	-4.40124	1.07636e-05	.
1	828418	rs4970383	C	A	A	N	ADD	951	0.978965	0.104167	-0.204087	0.838285	.
1	828418	rs4970383	C	A	A	N	MALE	951	1.08699	0.0674602	1.23644	0.216294	.
1	1001	monoref	A	G	G	N	ADD	16	NA	NA	NA	NA	CONST_OMITTED_ALLELE
1	10001	nobody	A	G	G	N	ADD	0	NA	NA	NA	NA	SAMPLE_CT<=PREDICTOR_CT
`,
			[]Result{{"1", 828418, "rs4970383", "A", na, math.Log(0.978965), 0.104167, -math.Log10(0.838285), 0, 0}},
			map[string]int{
				"row of a different test":              2,
				"no p-value (CONST_OMITTED_ALLELE)":    1,
				"no p-value (SAMPLE_CT<=PREDICTOR_CT)": 1,
			},
		},
		{
			"PLINK 2 --glm genotypic log10 cols=+a1freq,+beta", `#CHROM	POS	ID	REF	ALT	A1	A1_FREQ	FIRTH?	TEST	OBS_CT	BETA	SE	Z_OR_F_STAT	LOG10_P	ERRCODE
1	828418	rs4970383	C	A	A	0.335436	N	ADD	951	0.0133189	0.114914	0.115903	0.0420437	.
1	828418	rs4970383	C	A	A	0.335436	N	DOMDEV	951	-0.105385	0.151901	-0.693776	0.311738	.
`,
			[]Result{{"1", 828418, "rs4970383", "A", 0.335436, 0.0133189, 0.114914, 0.0420437, 0, 0}},
			map[string]int{"row of a different test": 1},
		},
		{
			"PLINK 2 --glm dominant --ci", "#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tL95\tU95\tT_STAT\tP\tERRCODE\r\n" +
				"1\t870101\trs3748592\tG\tA\tA\tDOM\t951\t0.0879574\t0.159641\t-0.224933\t0.400848\t0.55097\t0.581785\t.\r\n",
			[]Result{{"1", 870101, "rs3748592", "A", na, 0.0879574, 0.159641, -math.Log10(0.581785), 0, 0}},
			nil,
		},
		{
			"REGENIE", `CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA
1 55 rs7 A G 0.25 490 ADD 0.5 0.1 25 6.24182 NA`,
			[]Result{{"1", 55, "rs7", "G", 0.25, 0.5, 0.1, 6.24182, 0, 0}},
			nil,
		},
		{
			"GWAS-SSF with an empty field", "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\teffect_allele_frequency\tp_value\trsid\n" +
				"X\t2781514\tC\tA\t-0.12\t\t0.9\t1e-400\trs1\n",
			[]Result{{"X", 2781514, "rs1", "C", 0.9, -0.12, na, 400, 0, 0}},
			nil,
		},
		{
			"comments, blank lines, p = 0", "##source=somewhere\n\nCHR BP P OR\n\n1 2 0 0\n1 3 1 inf\n",
			[]Result{
				{"1", 2, "", "", na, math.Inf(-1), na, math.Inf(1), 0, 0},
				{"1", 3, "", "", na, math.Inf(1), na, 0, 0, 0},
			},
			nil,
		},
		{"no variants", "CHR SNP BP P\n", nil, nil},
	} {
		got, skipped, err := results("t.assoc", c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if !equalResults(got, c.want) || !maps.Equal(skipped, c.skipped) {
			t.Errorf("%s:\n got %v, skipped %v\nwant %v, skipped %v", c.name, got, skipped, c.want, c.skipped)
		}
	}
}

func TestTableRefusals(t *testing.T) {
	const header = "CHR SNP BP A1 BETA SE P\n"
	for _, c := range []struct{ text, want string }{
		{"", "t.assoc: the file is empty; expected a table of association results"},
		{"\n \n", "t.assoc: the file is empty; expected a table of association results"},
		{"## only a comment\n", "t.assoc: the file is empty; expected a table of association results"},
		{"##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n", "t.assoc, line 2: no column P or p_value or LOG10_P or LOG10P or neg_log_10_p_value"},
		{"#ID\tP\nrs1\t0.5\n", "t.assoc, line 1: no column CHR or #CHROM or CHROM or chromosome; the first line must be the header of a table of association results"},
		{"CHR SNP P\n", "t.assoc, line 1: no column BP or POS or GENPOS or base_pair_location; the first line must be the header of a table of association results"},
		{"CHR BP P P\n", "t.assoc, line 1: two columns are named P; rename one"},
		{header + "1 rs1 5 A 0.1 0.1\n", "t.assoc, line 2: 6 fields where the header has 7; the file may be cut off or edited"},
		{header + "1 rs1 5 A 0.1 0.1 1.5\n", `t.assoc, line 2: P is "1.5", which is not a p-value (a number from 0 to 1, or NA)`},
		{header + "\n1 rs1 5 A 0.1 0.1 low\n", `t.assoc, line 3: P is "low", which is not a p-value (a number from 0 to 1, or NA)`},
		{header + "1 rs1 -5 A 0.1 0.1 1\n", `t.assoc, line 2: BP is "-5", which is not a position`},
		{header + "1 rs1 4294967296 A 0.1 0.1 1\n", `t.assoc, line 2: BP is "4294967296", which is not a position`},
		{header + "1 rs1 5 A strong 0.1 1\n", `t.assoc, line 2: BETA is "strong", which is not a number`},
		{header + "1 rs1 5 A 0.1 0,1 1\n", `t.assoc, line 2: SE is "0,1", which is not a number`},
		{"CHR BP OR P\n1 5 -2 1\n", `t.assoc, line 2: OR is "-2", which is not an odds ratio`},
		{"CHR BP LOG10P\n1 5 -2\n", `t.assoc, line 2: LOG10P is "-2", which is not a −log10 p (a number of at least 0, or NA)`},
		{header + strings.Repeat("1", maxLine+1), "t.assoc, line 2: longer than 1048576 bytes; is it a table of association results?"},
		{"\x28\xb5\x2f\xfd\x00", "t.assoc, after line 0: cannot read on: the compressed data end early; copy the file again, and check it with zstd -t"},
	} {
		if _, _, err := results("t.assoc", c.text); err == nil || err.Error() != c.want {
			t.Errorf("%.60q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestGzippedTables(t *testing.T) {
	const text = "CHR SNP BP P\n1 rs1 5 0.5\n2 rs2 6 0.25\n"
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte(text))
	w.Close()
	plain, _, _ := results("t", text)
	unzipped, _, err := results("t", z.String())
	if err != nil || len(plain) != 2 || !equalResults(plain, unzipped) {
		t.Errorf("gzipped: %v, %v; plain: %v", unzipped, err, plain)
	}
	_, _, err = results("t.gz", z.String()[:z.Len()-9])
	if err == nil || !strings.Contains(err.Error(), "t.gz, after line") || !strings.Contains(err.Error(), "end early") {
		t.Errorf("cut off: %v", err)
	}
	damaged := bytes.Clone(z.Bytes())
	damaged[len(damaged)-5] ^= 1
	if _, _, err = results("t.gz", string(damaged)); err == nil || !strings.HasPrefix(err.Error(), "t.gz, after line 3: ") {
		t.Errorf("damaged: %v", err)
	}
}

// TestZstdTable reads what PLINK 2 writes with its modifier zs.
func TestZstdTable(t *testing.T) {
	const text = "#CHROM POS ID P\n1 5 rs1 0.5\n2 6 rs2 0.25\n"
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, _, _ := results("t", text)
	unzipped, _, err := results("t", string(z.EncodeAll([]byte(text), nil)))
	if err != nil || len(plain) != 2 || !equalResults(plain, unzipped) {
		t.Errorf("%v, %v; plain: %v", unzipped, err, plain)
	}
}

func TestAddFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.assoc")
	var s Scan
	for _, position := range []string{"5", "6"} {
		if err := os.WriteFile(path, []byte("CHR SNP BP P\n1 rs1 "+position+" 0.5\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := s.AddFile(path); err != nil {
			t.Fatal(err)
		}
	}
	if s.Len() != 2 {
		t.Errorf("two files of one result make %d", s.Len())
	}
	if err := s.AddFile(path + ".none"); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

// FuzzTable checks that no input makes the reader or the figures panic, and
// that every refusal names the file.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{
		"CHR SNP BP A1 OR SE P\n1 rs1 5 A 1.1 0.1 1e-400\n",
		"#CHROM\tPOS\tID\tA1\tTEST\tBETA\tSE\tP\tERRCODE\n1\t2\t.\tA\tADD\t\t\tNA\tX\n1\t3\t.\tA\tADD\t1\t1\t0\t.\n",
		"chromosome\tbase_pair_location\tneg_log_10_p_value\nscaffold_1\t4294967295\tinf\n\t0\t1e38\n",
		"##\n##\n",
		"\x1f\x8b\x08\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var s Scan
		if err := s.addTable(linesOf("name", text)); err != nil {
			if !strings.HasPrefix(err.Error(), "name") {
				t.Errorf("error without the file's name: %v", err)
			}
			return
		}
		for _, r := range s.top.results {
			if !(r.LogP >= 0) || r.Pos < 0 {
				t.Errorf("impossible result %v", r)
			}
		}
		if err := s.WritePage(&bytes.Buffer{}, Page{}); err != nil {
			t.Error(err)
		}
	})
}

func linesOf(name, content string) *text.Lines {
	return text.NewLines(name, strings.NewReader(content), maxLine, kind)
}

// TestRowsWithoutPlace counts what a plot has no place for, and the headers that tables
// joined end to end bring along.
func TestRowsWithoutPlace(t *testing.T) {
	const header = "chromosome\tbase_pair_location\tp_value\tTEST\n"
	got, skipped, err := results("t", header+"1\t5\t0.5\tADD\n#NA\t5\t0.5\tADD\n1\t#NA\t0.5\tADD\n"+header+"2\t5\t0.5\tADD\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"no chromosome or position": 2, "the header again": 1}; len(got) != 2 || !maps.Equal(skipped, want) {
		t.Errorf("%d results, skipped %v, want 2 and %v", len(got), skipped, want)
	}
}

// TestParts: several files are parts of one result. Two results are refused, and so is one
// twice.
func TestParts(t *testing.T) {
	dir := t.TempDir()
	write := func(name, rows string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#CHROM\tPOS\tID\tREF\tALT\tA1\tTEST\tOBS_CT\tBETA\tSE\tT_STAT\tP\n"+strings.ReplaceAll(rows, " ", "\t")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const rest = " A C C ADD 9 1 1 1 0.5\n"
	first := write("first", "1 100 a"+rest+"1 300 b"+rest+"2 10 c"+rest)
	second := write("second", "1 400 d"+rest+"3 1 e"+rest)
	between := write("between", "3 5 f"+rest+"1 200 g"+rest)
	var scan Scan
	if err := errors.Join(scan.AddFile(first), scan.AddFile(second)); err != nil || scan.Len() != 5 {
		t.Fatal(err, scan.Len())
	}
	want := first + " and " + between + " both have variants of chromosome 1 around position 200; a report is about one result, whose tables may be parts of the genome: give the tables one by one"
	if err := scan.AddFile(between); err == nil || err.Error() != want {
		t.Error(err)
	}
	scan = Scan{}
	if err := errors.Join(scan.AddFile(first), scan.AddFile(first)); err == nil {
		t.Error("a table twice")
	}
}
