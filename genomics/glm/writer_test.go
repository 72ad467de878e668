package glm

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
)

// edgeTable tests the variants of testdata/edge.vcf.gz, one for every special rule.
func edgeTable(t *testing.T, m *Model) []string { return tableOf(t, "testdata/edge.vcf.gz", m) }

// tableOf tests a file's variants and returns the rows of PLINK 2's table made from the
// results.
func tableOf(t *testing.T, path string, m *Model) []string {
	t.Helper()
	source, err := vcf.Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	var b bytes.Buffer
	w, err := NewPlinkWriter(&b, m.Kind)
	if err != nil {
		t.Fatal(err)
	}
	n := len(source.Samples())
	packed, row := make(genomics.Row, genomics.RowLen(n)), make(dosageRow, n)
	for {
		var v genomics.Variant
		err := source.Next(&v, packed)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range row {
			row[i] = int32(packed.At(i))
			if packed.At(i) == genomics.Missing {
				row[i] = -1
			}
		}
		if err := w.Write(v, testRow(t, m, row, 1)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(b.String()), "\n")
}

func edgeModels(t *testing.T) (logistic, linear *Model) {
	t.Helper()
	source, err := vcf.Open("testdata/edge.vcf.gz", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	traits, err := pheno.Read("testdata/edge.pheno.txt")
	if err != nil {
		t.Fatal(err)
	}
	table, err := pheno.Read("testdata/edge.covar.txt")
	if err != nil {
		t.Fatal(err)
	}
	var covariates []Covariate
	for _, name := range table.Columns() {
		values, err := table.Quantitative(name, source.Samples())
		if err != nil {
			t.Fatal(err)
		}
		covariates = append(covariates, Covariate{Name: name, Values: values})
	}
	status, _, err := traits.CaseControl("CC", source.Samples())
	if err != nil {
		t.Fatal(err)
	}
	trait, err := traits.Quantitative("QT", source.Samples())
	if err != nil {
		t.Fatal(err)
	}
	a, err := FitLogistic(status, covariates, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := FitLinear(trait, covariates, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a.Model(), b.Model()
}

// TestEdgesAgainstPLINK compares tables with PLINK 2's: the describing columns and
// the sample counts exactly, codes but for the documented differences, and
// statistics of linear models where nobody is missing.
func TestEdgesAgainstPLINK(t *testing.T) {
	logistic, linear := edgeModels(t)
	for _, c := range []struct {
		file  string
		model *Model
		codes map[string]string // where not PLINK's
	}{
		{"testdata/edge.CC.glm.logistic", logistic, map[string]string{
			"eqcov": "VIF_TOO_HIGH", "eqcov_half": "VIF_TOO_HIGH", // the code for a single covariate
			// A score test needs no fit with the variant.
			"perfect": ".", "onlycases": ".", "onlyctrl": ".", "singleton": ".", "singletonctrl": ".", "sixcalled": ".",
			"nocov": ".", // missing calls follow a covariate, see Model.Test
		}},
		{"testdata/edge.QT.glm.linear", linear, map[string]string{
			"eqcov": "VIF_TOO_HIGH", "eqcov_half": "VIF_TOO_HIGH", "nocov": ".",
		}},
	} {
		text, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSpace(string(text)), "\n")
		got := edgeTable(t, c.model)
		if len(got) != len(want) || got[0] != want[0] {
			t.Fatalf("%s: %d lines, header %q", c.file, len(got), got[0])
		}
		statistics := slices.Index(strings.Split(want[0], "\t"), "OBS_CT") + 1
		for i := range got[1:] {
			g, w := strings.Split(got[i+1], "\t"), strings.Split(want[i+1], "\t")
			id := w[2]
			if a, b := strings.Join(g[:statistics], " "), strings.Join(w[:statistics], " "); a != b {
				t.Errorf("%s: %s, PLINK %s", c.file, a, b)
			}
			g, w = g[statistics-1:], w[statistics-1:] // OBS_CT, effect, SE, statistic, P, code
			code, differs := c.codes[id]
			if !differs {
				code = w[5]
			}
			if g[5] != code || (g[1] == "NA") != (code != ".") {
				t.Errorf("%s: %v, want code %s", c.file, g, code)
			}
			if c.model.Kind == Linear && code == "." && w[0] == "200" {
				beta, se, p := number(t, w[1]), number(t, w[2]), number(t, w[4])
				if math.Abs(number(t, g[1])-beta) > 2e-3*se || math.Abs(number(t, g[2])-se) > 1e-3*se || math.Abs(math.Log(number(t, g[4])/p)) > 2e-3*-math.Log(p) {
					t.Errorf("%s: %v\nPLINK %v", c.file, g, w)
				}
			}
		}
	}
}

// The expected strings are what PLINK 2 prints for such numbers.
func TestAppendNumber(t *testing.T) {
	for _, c := range []struct {
		x    float64
		want string
	}{
		{0, "0"}, {-0.204087, "-0.204087"}, {0.0000123456, "1.23456e-05"}, {0.000123456789, "0.000123457"},
		{1.29306, "1.29306"}, {107.123456, "107.123"}, {123456.7, "123457"}, {5.15272e6, "5.15272e+06"},
		{9.61911e10, "9.61911e+10"}, {1, "1"}, {1527, "1527"}, {0.5, "0.5"}, {4.42122e-08, "4.42122e-08"},
		{math.NaN(), "NA"}, {math.Inf(1), "inf"}, {math.Inf(-1), "-inf"},
	} {
		if got := string(appendNumber(nil, c.x)); got != c.want {
			t.Errorf("%g: %s, want %s", c.x, got, c.want)
		}
	}
}

var written = []struct {
	variant genomics.Variant
	result  Result
}{
	{genomics.Variant{Chrom: "chr1", Pos: 828418, ID: "rs4970383", Ref: "C", Alt: "A"},
		Result{Samples: 951, Alleles: 475.5, Beta: -0.106421, SE: 0.088795, Z: -1.1985, DF: 943, LogP: math.Log(0.231024)}},
	{genomics.Variant{Chrom: "X", Pos: 5, ID: "x:5", Ref: "C", Alt: "CTT"},
		Result{Samples: 10, Alleles: 1, Beta: 2.5, SE: 0.05, Z: 50, LogP: -1000 * math.Ln10}},
	{genomics.Variant{Chrom: "2", Pos: 7, ID: ".", Ref: "C", Alt: "T"},
		Result{Samples: 0, Beta: math.NaN(), SE: math.NaN(), Z: math.NaN(), LogP: math.NaN(), Error: TooFewSamples}},
	{genomics.Variant{Chrom: "2", Pos: 8, ID: "rs1", Ref: "C", Alt: "<DEL>"},
		Result{Samples: 10, Alleles: 5, Beta: 1, SE: 1, Z: 1, LogP: -1}},
	{genomics.Variant{Chrom: "GL000192.1", Pos: 9, ID: "rs2", Ref: "C", Alt: "T"},
		Result{Samples: 10, Alleles: 5, Beta: 1, SE: 1, Z: 1, LogP: -1}},
}

func TestWriters(t *testing.T) {
	type writer interface {
		Write(genomics.Variant, Result) error
		Flush() error
	}
	for _, c := range []struct {
		name string
		make func(io.Writer) (writer, error)
		want string
	}{
		{"plink linear", func(w io.Writer) (writer, error) { return NewPlinkWriter(w, Linear) },
			`#CHROM	POS	ID	REF	ALT	A1	A1_CT	A1_FREQ	TEST	OBS_CT	BETA	SE	T_STAT	P	ERRCODE
1	828418	rs4970383	C	A	A	475.5	0.25	ADD	951	-0.106421	0.088795	-1.1985	0.231024	.
X	5	x:5	C	CTT	CTT	1	0.05	ADD	10	2.5	0.05	50	1e-1000	.
2	7	.	C	T	T	0	nan	ADD	0	NA	NA	NA	NA	SAMPLE_CT<=PREDICTOR_CT
2	8	rs1	C	<DEL>	<DEL>	5	0.25	ADD	10	1	1	1	0.367879	.
GL000192.1	9	rs2	C	T	T	5	0.25	ADD	10	1	1	1	0.367879	.
`},
		{"plink logistic", func(w io.Writer) (writer, error) { return NewPlinkWriter(w, Logistic) },
			`#CHROM	POS	ID	REF	ALT	A1	A1_CT	A1_CASE_CT	A1_CTRL_CT	CASE_ALLELE_CT	CTRL_ALLELE_CT	A1_FREQ	TEST	OBS_CT	OR	LOG(OR)_SE	Z_STAT	P	ERRCODE
1	828418	rs4970383	C	A	A	475.5	0	475.5	0	1902	0.25	ADD	951	0.899046	0.088795	-1.1985	0.231024	.
X	5	x:5	C	CTT	CTT	1	0	1	0	20	0.05	ADD	10	12.1825	0.05	50	1e-1000	.
2	7	.	C	T	T	0	0	0	0	0	nan	ADD	0	NA	NA	NA	NA	SAMPLE_CT<=PREDICTOR_CT
2	8	rs1	C	<DEL>	<DEL>	5	0	5	0	20	0.25	ADD	10	2.71828	1	1	0.367879	.
GL000192.1	9	rs2	C	T	T	5	0	5	0	20	0.25	ADD	10	2.71828	1	1	0.367879	.
`},
		{"regenie", func(w io.Writer) (writer, error) { return NewRegenieWriter(w) },
			`CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA
1 828418 rs4970383 C A 0.25 951 ADD -0.106421 0.088795 1.4364 0.636343 NA
23 5 x:5 C CTT 0.05 10 ADD 2.5 0.05 2500 1000 NA
2 7 . C T NA 0 ADD NA NA NA NA TEST_FAIL
2 8 rs1 C <DEL> 0.25 10 ADD 1 1 1 0.434294 NA
GL000192.1 9 rs2 C T 0.25 10 ADD 1 1 1 0.434294 NA
`},
		{"ssf", func(w io.Writer) (writer, error) { return NewSSFWriter(w) },
			`chromosome	base_pair_location	effect_allele	other_allele	beta	standard_error	effect_allele_frequency	p_value	variant_id	rsid	ref_allele	n
1	828418	A	C	-0.106421	0.088795	0.25	0.231024	1_828418_C_A	rs4970383	OA	951
23	5	CTT	C	2.5	0.05	0.05	1e-1000	23_5_C_CTT	#NA	OA	10
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			w, err := c.make(&b)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range written {
				if err := w.Write(row.variant, row.result); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if b.String() != c.want {
				t.Errorf("wrote\n%s", b.String())
			}
			if s, ok := w.(*SSFWriter); ok && (s.Omitted() != 3 || s.NoPlace() != 2 || !s.Sorted()) {
				t.Errorf("%d omitted, %d of them with a test; sorted %t", s.Omitted(), s.NoPlace(), s.Sorted())
			}
		})
	}
}

func TestSSFMetadata(t *testing.T) {
	m := SSFMetadata{
		Date: time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC), Trait: []string{"breast carcinoma"}, GenomeAssembly: "GRCh38",
		GenotypingTechnology: []string{"Genome-wide genotyping array"},
		Samples:              []SSFSample{{Ancestry: []string{"European"}, Size: 951, CaseControl: true, Cases: 400, Controls: 551}},
		DataFile:             "case.tsv", DataMD5: "32ce41c3dca4cd9f463a0ce7351966fd", Covariates: []string{"AGE", "y: 1"}, Sorted: true,
	}
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	const want = `date_metadata_last_modified: 2026-11-22
trait_description:
  - breast carcinoma
genome_assembly: GRCh38
coordinate_system: 1-based
genotyping_technology:
  - Genome-wide genotyping array
samples:
  - sample_ancestry_category:
      - European
    sample_size: 951
    case_control_study: true
    case_count: 400
    control_count: 551
data_file_name: case.tsv
file_type: GWAS-SSF v1.0
data_file_md5sum: 32ce41c3dca4cd9f463a0ce7351966fd
adjusted_covariates:
  - AGE
  - 'y: 1'
is_harmonised: false
is_sorted: true
`
	if b.String() != want {
		t.Errorf("wrote\n%s", b.String())
	}
	m.GenomeAssembly, m.Samples[0].Ancestry = "", nil
	if err := m.Write(&b); err == nil || !strings.HasPrefix(err.Error(), "GWAS-SSF metadata lacks genome_assembly, sample_ancestry_category;") {
		t.Errorf("error %v", err)
	}
}

// TestChromosomeNames spells chromosomes as PLINK 2.00a3.5 --glm does, and as REGENIE,
// which takes numbers only.
func TestChromosomeNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"1": {"1", "1"}, "02": {"2", "2"}, "chr3": {"3", "3"}, "X": {"X", "23"}, "chrX": {"X", "23"}, "23": {"X", "23"}, "chr23": {"X", "23"},
		"24": {"Y", "24"}, "25": {"XY", "23"}, "XY": {"XY", "23"}, "26": {"MT", "26"}, "chr26": {"MT", "26"}, "M": {"MT", "26"}, "chrM": {"MT", "26"},
		"PAR1": {"PAR1", "23"}, "chrPAR2": {"PAR2", "23"}, "GL000192.1": {"GL000192.1", "GL000192.1"}, "chrUn_KI270302v1": {"chrUn_KI270302v1", "chrUn_KI270302v1"},
	} {
		if got := [2]string{plinkName(name), regenieName(name)}; got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestUnknownAlleles writes what a PLINK 1 fileset does not know as PLINK 2 does.
func TestUnknownAlleles(t *testing.T) {
	var b bytes.Buffer
	w, err := NewPlinkWriter(&b, Linear)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(genomics.Variant{Chrom: "1", Pos: 7, ID: "rs1", Ref: "0", Alt: "0"}, written[0].result), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "\n1\t7\trs1\tN\t.\t.\t") {
		t.Errorf("wrote\n%s", b.String())
	}
}

// TestSSFSorted notices rows out of order, whatever chromosomes are called.
func TestSSFSorted(t *testing.T) {
	type place struct {
		chrom string
		pos   int
	}
	for _, c := range []struct {
		places []place
		want   bool
	}{
		{[]place{{"1", 5}, {"chr1", 5}, {"2", 1}, {"X", 1}, {"25", 2}, {"Y", 1}, {"26", 1}}, true},
		{[]place{{"1", 5}, {"1", 4}}, false},
		{[]place{{"10", 5}, {"2", 6}}, false},
		{[]place{{"2", 5}, {"GL1", 1}, {"1", 6}}, false},
		{[]place{{"2", 5}, {"GL1", 1}, {"2", 6}}, true},
		{nil, true},
	} {
		w, err := NewSSFWriter(io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range c.places {
			if err := w.Write(genomics.Variant{Chrom: p.chrom, Pos: p.pos, ID: ".", Ref: "A", Alt: "C"}, written[0].result); err != nil {
				t.Fatal(err)
			}
		}
		if w.Sorted() != c.want {
			t.Errorf("%v: sorted %t", c.places, w.Sorted())
		}
	}
}
