package pipeline_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/pheno"
	"genoveil/genomics/test"
	"genoveil/he/hetest"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

const sexesData = "testdata/sexes/sexes"

// bothSexes opens the cohort of testdata/sexes, with a filter.
func bothSexes(t *testing.T, filter genomics.Filter) (genomics.Source, []genomics.Sex) {
	t.Helper()
	source, err := bed.Open(sexesData)
	if err != nil {
		t.Fatal(err)
	}
	table, err := pheno.SexesOf(sexesData + ".fam")
	if err != nil {
		t.Fatal(err)
	}
	var sexes []genomics.Sex
	for _, name := range source.Samples() {
		sexes = append(sexes, table[name])
	}
	filter.Sexes = sexes
	filtered, err := filter.Apply(source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { filtered.Close() })
	return filtered, sexes
}

// TestSexesAgainstPLINK: on all chromosomes, the table of χ² and that of models are PLINK
// 1.9's, byte for byte, and those of regression have PLINK 2's variants, alleles, counts and
// frequencies, and its statistics where no call is missing.
func TestSexesAgainstPLINK(t *testing.T) {
	w := pipelinetest.WorldOf(t, hetest.SumParams(t, 6, 64)) // two blocks, one with X and Y
	source, sexes := bothSexes(t, genomics.Filter{MaxMissing: 1})
	job := w.Genotypes(source)
	job.Sexes = sexes
	if _, err := job.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask := func(name, kind string, in test.Phenotypes, out test.Output) {
		t.Helper()
		index, err := private.OpenIndex(w.Path("cohort.index"))
		w.Must(err)
		defer index.Close()
		in.Path = sexesData + ".pheno.txt"
		silent := func(string, ...any) {}
		sections, err := index.Sections(test.Find(kind), in, silent, silent)
		w.Must(err)
		traits := owner.TraitsJob{Index: index, Secret: w.Secret, Test: test.Find(kind), Sections: sections, TraitsPath: w.Path(name + ".traits"), PrivatePath: w.Path(name + ".private")}
		query, err := traits.Run(t.Context())
		w.Must(err)
		w.Run(name, name)
		d, err := w.Decryption(name, name)
		w.Must(err)
		out.Prefix = w.Path(name)
		tables, err := query.Tables(out)
		w.Must(err)
		_, err = d.Results(t.Context(), tables)
		w.Must(err)
	}
	covar := sexesData + ".covar.txt"

	ask("chi2", "chi2", test.Phenotypes{Traits: []string{"CASE"}, Models: true}, test.Output{Format: "plink", Models: true})
	for _, suffix := range []string{".assoc", ".model"} {
		if got, want := read(t, w.Path("chi2"+suffix)), read(t, sexesData+suffix); got != want {
			t.Errorf("%s:\n%s\nPLINK has\n%s", suffix, got, want)
		}
	}
	ask("linear", "linear", test.Phenotypes{Traits: []string{"QT"}, Covar: covar}, test.Output{Format: "plink"})
	compareWithPLINK(t, read(t, w.Path("linear.QT.glm.linear")), read(t, sexesData+".QT.glm.linear"), "T_STAT", 1e-3)
	ask("logistic", "logistic", test.Phenotypes{Traits: []string{"CASE"}, Covar: covar}, test.Output{Format: "plink"})
	// A score test's Z is not Wald's; they agree in the second digit here.
	compareWithPLINK(t, read(t, w.Path("logistic.CASE.glm.logistic")), read(t, sexesData+".CASE.glm.logistic"), "Z_STAT", 0.15)
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compareWithPLINK demands the same columns up to the effect, and statistics that differ by
// less than the limit where all that have the chromosome are called.
func compareWithPLINK(t *testing.T, got, want, statistic string, limit float64) {
	t.Helper()
	gotLines, wantLines := strings.Split(strings.TrimSpace(got), "\n"), strings.Split(strings.TrimSpace(want), "\n")
	if len(gotLines) != len(wantLines) || gotLines[0] != wantLines[0] {
		t.Fatalf("%d lines, PLINK has %d:\n%s\n%s", len(gotLines), len(wantLines), gotLines[0], wantLines[0])
	}
	column := map[string]int{}
	for i, name := range strings.Split(gotLines[0], "\t") {
		column[name] = i
	}
	effect, most := column["OBS_CT"]+1, map[string]int{}
	for _, line := range wantLines[1:] {
		f := strings.Split(line, "\t")
		n, _ := strconv.Atoi(f[column["OBS_CT"]])
		most[f[0]] = max(most[f[0]], n)
	}
	compared := map[string]int{}
	for i := range gotLines[1:] {
		a, b := strings.Split(gotLines[i+1], "\t"), strings.Split(wantLines[i+1], "\t")
		if strings.Join(a[:effect], " ") != strings.Join(b[:effect], " ") || a[len(a)-1] != b[len(b)-1] {
			t.Errorf("%s\nPLINK has\n%s", gotLines[i+1], wantLines[i+1])
			continue
		}
		if n, _ := strconv.Atoi(a[column["OBS_CT"]]); n < most[a[0]] {
			continue
		}
		compared[a[0]]++
		x, errX := strconv.ParseFloat(a[column[statistic]], 64)
		y, errY := strconv.ParseFloat(b[column[statistic]], 64)
		if errX != nil || errY != nil || !(math.Abs(x-y) < limit) {
			t.Errorf("%s\nPLINK has\n%s", gotLines[i+1], wantLines[i+1])
		}
	}
	for _, chromosome := range []string{"1", "22", "X", "XY", "Y", "MT"} {
		if compared[chromosome] == 0 {
			t.Errorf("no statistic of chromosome %s was compared", chromosome)
		}
	}
}

// TestSexesInFilters: what --maf and --geno leave is what PLINK 2 leaves.
func TestSexesInFilters(t *testing.T) {
	source, _ := bothSexes(t, genomics.Filter{MinMAF: 0.05, MaxMissing: 0.02})
	row := make(genomics.Row, genomics.RowLen(len(source.Samples())))
	var left strings.Builder
	var v genomics.Variant
	for {
		err := source.Next(&v, row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		left.WriteString(v.ID + "\n")
	}
	if want := read(t, sexesData+".snplist"); left.String() != want {
		t.Errorf("%s\nPLINK leaves\n%s", left.String(), want)
	}
}

// TestPlaintextChi2OfBothSexes: the plaintext's table, to compare with, is PLINK's, too.
func TestPlaintextChi2OfBothSexes(t *testing.T) {
	source, sexes := bothSexes(t, genomics.Filter{MaxMissing: 1})
	table, err := pheno.Read(sexesData + ".pheno.txt")
	if err != nil {
		t.Fatal(err)
	}
	status, _, err := table.CaseControl("CASE", source.Samples())
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := owner.PlaintextChi2(&got, source, status, sexes); err != nil {
		t.Fatal(err)
	}
	if want := read(t, sexesData+".assoc"); got.String() != want {
		t.Errorf("%s\nPLINK has\n%s", got.String(), want)
	}
}
