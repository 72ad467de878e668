package sumstats

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var nan = math.NaN()

// near compares numbers to the digits that tables have.
var near = cmp.Options{cmpopts.EquateNaNs(), cmpopts.EquateApprox(1e-9, 1e-12)}

// readAll reads a table to its end.
func readAll(name, table string, options Options) (r *Reader, rows []Row, err error) {
	if r, err = NewReader(name, strings.NewReader(table), options); err != nil {
		return nil, nil, err
	}
	for {
		var row Row
		if err := r.Next(&row); errors.Is(err, io.EOF) {
			return r, rows, nil
		} else if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
}

func TestPrograms(t *testing.T) {
	const htpHeader = "Name\tChr\tPos\tRef\tAlt\tTrait\tCohort\tModel\tEffect\tLCI_Effect\tUCI_Effect\tPval\tAAF\tNum_Cases\tCases_Ref\tCases_Het\tCases_Alt\tNum_Controls\tControls_Ref\tControls_Het\tControls_Alt\tInfo\n"
	for _, test := range []struct {
		name, table, program string
		options              Options
		want                 []Row
		skipped              map[string]int
	}{
		{name: "REGENIE", program: "REGENIE", table: "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N N_CASES N_CONTROLS TEST BETA SE CHISQ LOG10P EXTRA\n" +
			"1 100 rs1 A G 0.25 0.9 1000 100 900 ADD 0.5 0.1 25 6.24 NA\n" +
			"1 101 rs2 A G 0.25 0.9 1000 100 900 ADD NA NA NA NA TEST_FAIL\n" +
			"1 101 rs2 A G 0.25 0.9 1000 100 900 ADD-INT_SNP 0.5 0.1 25 6.24 NA\n" +
			"23 102 rs3 AT A 0.5 NA 1000 100 900 ADD -0.5 0.1 25 400.5 NA\n",
			want: []Row{
				{"1", 100, "rs1", "G", "A", 0.5, 0.1, 6.24, 1000, 100, 0.25, 0.9},
				{"23", 102, "rs3", "A", "AT", -0.5, 0.1, 400.5, 1000, 100, 0.5, nan},
			},
			skipped: map[string]int{testFailed: 1, otherTest: 1}},
		{name: "REGENIE, from P", program: "REGENIE", options: Options{SEFromP: true}, table: "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA\n" +
			"1 100 rs1 A G 0.25 1000 ADD 0.5 0.1 25 " + "1.3010299956639813" + " NA\n" +
			"1 101 rs2 A G 0.25 1000 ADD 0 0.1 0 0 NA\n" +
			"1 102 rs2 A G 0.25 1000 ADD 1 0.1 0 1e-17 NA\n",
			want:    []Row{{"1", 100, "rs1", "G", "A", 0.5, 0.5 / z95, 1.3010299956639813, 1000, 0, 0.25, nan}},
			skipped: map[string]int{noEffect: 1, badSE: 1}},
		{name: "htp", program: "REGENIE --htp", table: htpHeader +
			"rs1\t1\t100\tA\tG\tT\tC\tADD-WGR-FIRTH\t2\t1\t4\t0.05\t0.3\t100\t50\t40\t10\t900\t500\t300\t100\tREGENIE_BETA=0.7;REGENIE_SE=0.35;INFO=0.8;MAC=600\n" +
			"rs2\t1\t101\tA\tG\tT\tC\tADD-WGR-FIRTH\t2\t1\t4\t0.05\t0.3\t100\t50\t40\t10\t900\t500\t300\t100\tMAC=600\n" +
			"rs3\t1\t102\tA\tG\tT\tC\tADD-WGR-LR\t-0.5\t-0.6\t-0.4\t1e-5\t0.3\t100\t50\t40\t10\tNA\tNA\tNA\tNA\tMAC=600\n" +
			"rs4\t1\t103\tA\tG\tT\tC\tADD-WGR-FIRTH\tNA\tNA\tNA\tNA\t0.3\t100\t50\t40\t10\t900\t500\t300\t100\tTEST_FAIL;REGENIE_SE=0.1\n" +
			"rs5\t1\t104\tA\tG\tT\tC\tADD-WGR-FIRTH\t-2\t1\t4\t0.05\t0.3\t100\t50\t40\t10\t900\t500\t300\t100\tMAC=600\n" +
			"rs6\t1\t104\tA\tG\tT\tC\tADD-WGR-FIRTH\tNA\tNA\tNA\t0.05\t0.3\t100\t50\t40\t10\t900\t500\t300\t100\tMAC=600\n" +
			"G.M1\t1\t105\tref\tM1.0.01\tT\tC\tADD-WGR-FIRTH\t2\t1\t4\t0.05\t0.3\t100\t50\t40\t10\t900\t500\t300\t100\tMAC=600\n",
			want: []Row{
				{"1", 100, "rs1", "G", "A", 0.7, 0.35, -math.Log10(0.05), 1000, 100, 0.3, 0.8},
				{"1", 101, "rs2", "G", "A", math.Ln2, math.Log(4) / (2 * z95), -math.Log10(0.05), 1000, 100, 0.3, nan},
				{"1", 102, "rs3", "G", "A", -0.5, 0.2 / (2 * z95), 5, 100, 0, 0.3, nan},
			},
			skipped: map[string]int{testFailed: 1, badRatio: 1, badAlleles: 1, notAvailable: 1}},
		{name: "SAIGE", program: "SAIGE", table: "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 imputationInfo BETA SE Tstat var p.value p.value.NA Is.SPA AF_case AF_ctrl N_case N_ctrl\n" +
			"chr1 100 1:100:A:C A C 10 0.1 0.95 0.2 0.1 1 1 2.5e-400 0.05 true 0.1 0.1 50 450\n" +
			"chr1 101 x A C 10 0.1 0.95 0.2 0 1 1 0.5 0.05 true 0.1 0.1 50 450\n" +
			"chr1 102 x A C 10 1.1 0.95 0.2 0.1 1 1 0.5 0.05 true 0.1 0.1 50 450\n" +
			"chr1 103 x A C 10 0.1 0.95 0.2 0.1 1 1 0 0.05 true 0.1 0.1 50 450\n",
			want:    []Row{{"chr1", 100, "1:100:A:C", "C", "A", 0.2, 0.1, 400 - math.Log10(2.5), 500, 50, 0.1, 0.95}},
			skipped: map[string]int{badSE: 1, badFrequency: 1, badP: 1}},
		{name: "PLINK 2 logistic", program: "PLINK 2", table: "##comment\n#CHROM\tPOS\tID\tREF\tALT\tA1\tA1_FREQ\tTEST\tOBS_CT\tOR\tLOG(OR)_SE\tZ_STAT\tP\tERRCODE\n" +
			"X\t100\trs1\tA\tG\tA\t0.4\tADD\t951\t0.5\t0.1\t-7\t1e-3\t.\n" +
			"X\t101\trs1\tA\tG\tA\t0.4\tSEX\t951\t0.5\t0.1\t-7\t1e-3\t.\n" +
			"X\t102\trs1\tA\tG\tA\t0.4\tADD\t951\tNA\tNA\tNA\tNA\tCONST_OMITTED_ALLELE\n" +
			"X\t103\trs1\tA\tG,T\tT\t0.4\tADD\t951\t0.5\t0.1\t-7\t1e-3\t.\n",
			want:    []Row{{"X", 100, "rs1", "A", "G", math.Log(0.5), 0.1, 3, 951, 0, 0.4, nan}},
			skipped: map[string]int{otherTest: 1, testFailed: 1, badAlleles: 1}},
		{name: "PLINK 2 linear", program: "PLINK 2", table: "#CHROM POS ID REF ALT A1 OMITTED TEST OBS_CT BETA SE T_STAT NEG_LOG10_P ERRCODE\n" +
			"1 100 rs1 A G,C C A ADD 951 0.5 0.1 5 6 .\n",
			want: []Row{{"1", 100, "rs1", "C", "A", 0.5, 0.1, 6, 951, 0, nan, nan}}},
		{name: "PLINK 1.9 logistic", program: "PLINK 1.9 --linear or --logistic", table: " CHR SNP BP A1 TEST NMISS OR STAT P\n" +
			"   1  rs1  100  A  ADD  951  2  2  0.0455 \n" +
			"   1  rs1  100  A  COV1  951  2  2  0.0455 \n" +
			"   1  rs2  101  A  ADD  951  NA  NA  NA \n",
			want:    []Row{{"1", 100, "rs1", "A", "", math.Ln2, math.Ln2 / 2, -math.Log10(0.0455), 951, 0, nan, nan}},
			skipped: map[string]int{otherTest: 1, notAvailable: 1}},
		{name: "PLINK 1.9 assoc", program: "PLINK 1.9 --assoc", options: Options{SEFromP: true}, table: " CHR SNP BP A1 F_A F_U A2 CHISQ P OR\n 1 rs1 100 A 0.4 0.3 G 3.84 0.05 1.5\n 1 rs2 100 0 0 0 G NA NA NA\n",
			want:    []Row{{"1", 100, "rs1", "A", "G", math.Log(1.5), math.Log(1.5) / z95, -math.Log10(0.05), 0, 0, nan, nan}},
			skipped: map[string]int{badAlleles: 1}},
		{name: "PLINK 1.9 assoc, declared", program: "PLINK 1.9 --assoc", options: Options{N: 100, Cases: 25}, table: " CHR SNP BP A1 F_A F_U A2 CHISQ P OR SE L95 U95\n 1 rs1 100 A 0.4 0.2 G 3.84 0.05 1 0.5 0.1 2\n 1 rs2 100 A 0.4 1.2 G 3.84 0.05 1 0.5 0.1 2\n",
			want:    []Row{{"1", 100, "rs1", "A", "G", 0, 0.5, -math.Log10(0.05), 100, 25, 0.25, nan}},
			skipped: map[string]int{badFrequency: 1}},
		{name: "METAL, declared cases", program: "METAL", options: Options{N: 1000, Cases: 250}, table: "MarkerName\tAllele1\tAllele2\tWeight\tZscore\tP-value\nrs1\ta\tg\t900\t-2\t1\n",
			want: []Row{{"", 0, "rs1", "A", "G", -2, nan, 0, 900, 225, nan, nan}}},
		{name: "GWAS-SSF", program: "GWAS-SSF", table: "chromosome\tbase_pair_location\teffect_allele\tother_allele\todds_ratio\tstandard_error\teffect_allele_frequency\tp_value\tvariant_id\trsid\tn\n" +
			"23\t100\ta\tg\t2\t0.2\t0.1\t0.01\t23_100_G_A\trs1\t5000\n23\tNA\ta\tg\t2\t0.2\t0.1\t0.01\t23_100_G_A\trs1\t5000\n",
			want: []Row{{"23", 100, "rs1", "A", "G", math.Ln2, 0.2, 2, 5000, 0, 0.1, nan}}, skipped: map[string]int{badPlace: 1}},
		{name: "METAL", program: "METAL", table: "MarkerName\tAllele1\tAllele2\tFreq1\tEffect\tStdErr\tlog(P)\tDirection\nrs1\ta\tg\t0.1\t-0.2\t0.1\t-2.5\t++\n",
			want: []Row{{"", 0, "rs1", "A", "G", -0.2, 0.1, 2.5, 0, 0, 0.1, nan}}},
		{name: "METAL by sample size", program: "METAL", table: "MarkerName\tAllele1\tAllele2\tWeight\tZscore\tP-value\tDirection\nrs1\ta\tg\t951.00\t-2\t1\t++\n",
			want: []Row{{"", 0, "rs1", "A", "G", -2, nan, 0, 951, 0, nan, nan}}},
		{name: "named", program: "named columns",
			options: Options{Columns: &Columns{ID: "MARKER", Effect: "A1", Other: "A2", Beta: "BETA", Lower: "L", Upper: "U", N: "N", Cases: "NC"}},
			table:   "MARKER A1 A2 BETA L U N NC\nrs1 A C 0.5 0 1 99.6 20\nrs2 A A 1 1 1 1 1\n. A C 1 1 1 1 1\nrs3 A C inf 1 1 1 1\nrs4 A C 1 0 1 0 0\nrs5 A C 1 0 1 5 6\n",
			want:    []Row{{"", 0, "rs1", "A", "C", 0.5, 0.5 / z95, -math.Log10(0.05), 100, 20, nan, nan}},
			skipped: map[string]int{badAlleles: 1, badPlace: 1, notAvailable: 1, badCount: 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, rows, err := readAll("t", test.table, test.options)
			if err != nil {
				t.Fatal(err)
			}
			if r.Program() != test.program {
				t.Errorf("program %s", r.Program())
			}
			if diff := cmp.Diff(test.want, rows, near); diff != "" {
				t.Error(diff)
			}
			if !maps.Equal(test.skipped, r.Skipped()) {
				t.Errorf("left out %v, want %v", r.Skipped(), test.skipped)
			}
			left := 0
			for _, n := range r.Skipped() {
				left += n
			}
			if r.Rows() != len(rows)+left {
				t.Errorf("%d rows", r.Rows())
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	columns := &Columns{ID: "ID", Effect: "A1", Beta: "B", SE: "SE"}
	for _, test := range []struct {
		table, want string
		columns     *Columns
	}{
		{"", "t: no header", nil},
		{"## a\n\n", "t: no header", nil},
		{"a b c\n", "t, line 1: these are not the columns of a known program (REGENIE --htp, REGENIE, SAIGE", nil},
		{"ID A1 B\n", "t, line 1: there is no column SE", columns},
		{"ID A1 B SE B\n", "t, line 1: the column B occurs twice", columns},
		{"ID A1 B SE\nrs1 A 1\n", "t, line 2: 3 columns, the header has 4", columns},
		{"ID A1 B SE\nrs1 A 1 2 3\n", "t, line 2: 5 columns, the header has 4", columns},
		{"ID A1 B SE\nrs1 A one 1\n", `t, line 2: B is "one", which is no number`, columns},
		{"ID A1 B SE\nrs1 A 1 1,5\n", `t, line 2: SE is "1,5", which is no number`, columns},
		{"ID A1 B P\nrs1 A 1 p\n", `t, line 2: P is "p", which is no number`, &Columns{ID: "ID", Effect: "A1", Beta: "B", P: "P"}},
		{"C P A1 B SE\n1 x A 1 1\n", `t, line 2: the position "x" is not a whole number`, &Columns{Chrom: "C", Pos: "P", Effect: "A1", Beta: "B", SE: "SE"}},
		{"A1 B SE\n", "t, line 1: no columns of positions or IDs", &Columns{Effect: "A1", Beta: "B", SE: "SE"}},
		{"ID B SE\n", "t, line 1: no column of the effect allele", &Columns{ID: "ID", Beta: "B", SE: "SE"}},
		{"ID A1 SE\n", "t, line 1: no column of the effect or", &Columns{ID: "ID", Effect: "A1", SE: "SE"}},
		{"ID A1 B OR SE\n", "t, line 1: columns of an effect and of an odds ratio", &Columns{ID: "ID", Effect: "A1", Beta: "B", OddsRatio: "OR", SE: "SE"}},
		{"ID A1 B\n", "t, line 1: no column of a standard error", &Columns{ID: "ID", Effect: "A1", Beta: "B"}},
		{"ID A1 B SE\nrs1 A 1 " + strings.Repeat("1", maxLine), "t, line 2: longer than 1048576 bytes; is it a table of summary statistics?", columns},
	} {
		_, _, err := readAll("t", test.table, Options{Columns: test.columns})
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.60q: %v, want %s…", test.table, err, test.want)
		}
	}
}

// TestCompressed reads a table as it is, and compressed.
func TestCompressed(t *testing.T) {
	const table = "MarkerName Allele1 Allele2 Effect StdErr\nrs1 a g 1 2\n"
	var zipped, zstandard bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(table))
	z.Close()
	s, err := zstd.NewWriter(&zstandard)
	if err != nil {
		t.Fatal(err)
	}
	s.Write([]byte(table))
	s.Close()
	for i, data := range [][]byte{[]byte(table), zipped.Bytes(), zstandard.Bytes()} {
		path := filepath.Join(t.TempDir(), "t")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var row Row
		if err := r.Next(&row); err != nil || row.ID != "rs1" || row.Effect != "A" || row.SE != 2 || r.Positions() {
			t.Errorf("form %d: %v, %+v", i, err, row)
		}
		if err := r.Next(&row); err != io.EOF {
			t.Errorf("form %d: %v at the end", i, err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := Open(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "is a folder, not a table of summary statistics") {
		t.Error(err)
	}
}

// FuzzReader: whatever a file has, a row that is read can be used.
func FuzzReader(f *testing.F) {
	for _, table := range []string{
		"CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P EXTRA\n1 100 rs1 A G 0.25 0.9 1000 ADD 0.5 0.1 25 6.24 NA\n",
		"MarkerName\tAllele1\tAllele2\tFreq1\tEffect\tStdErr\tP-value\nrs1\ta\tg\t0.1\t-0.2\t0.1\t1e-400\n",
		"Name Chr Pos Ref Alt Model Effect LCI_Effect UCI_Effect Pval AAF Num_Cases Num_Controls Info\nrs1 1 2 A C ADD-WGR-LR 1 0.5 2 1 0.5 5 6 REGENIE_BETA=1;REGENIE_SE=1\n",
		"#CHROM POS ID REF ALT A1 TEST OBS_CT OR SE Z_STAT P ERRCODE\n1 100 rs1 A G G ADD 951 2 0.1 5 6e-1 .\n",
		" CHR SNP BP A1 TEST NMISS OR STAT P\n 1 rs1 100 A ADD 951 2 2 0.0455\n",
	} {
		f.Add(table, false)
		f.Add(table, true)
	}
	f.Fuzz(func(t *testing.T, table string, fromP bool) {
		r, rows, err := readAll("t", table, Options{SEFromP: fromP})
		if err != nil {
			return
		}
		for _, row := range rows {
			bad := math.IsNaN(row.Beta) || math.IsInf(row.Beta, 0) || row.SE <= 0 || math.IsInf(row.SE, 0) ||
				!(row.LogP >= 0 && row.LogP <= maxLogP) && !math.IsNaN(row.LogP) || math.IsNaN(row.SE) && math.IsNaN(row.LogP) ||
				row.EAF < 0 || row.EAF > 1 || row.N < 0 || row.Cases < 0 || row.Cases > row.N && row.N > 0 ||
				!bases(row.Effect) || row.Other != "" && !bases(row.Other) || row.Effect == row.Other ||
				r.Positions() != (row.Pos > 0) || !r.Positions() && row.ID == ""
			if bad {
				t.Fatalf("%+v", row)
			}
		}
	})
}
