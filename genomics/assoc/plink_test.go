package assoc

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/shareddata"
)

// A record is one variant with all that the writers need.
type record struct {
	variant genomics.Variant
	whole   genomics.Counts
	table   Table
}

// readFile returns the content of path or, where that is absent, of path.gz.
func readFile(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		return string(data)
	}
	f, err := os.Open(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err = io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// readCohort counts the genotypes of a VCF file by the CASE column (the second)
// of a phenotype file.
func readCohort(t testing.TB, vcf, pheno string) []record {
	t.Helper()
	status := map[string]string{}
	for line := range strings.Lines(readFile(t, pheno)) {
		f := strings.Fields(line)
		status[f[0]] = f[1]
	}
	var records []record
	var samples []string
	lines := bufio.NewScanner(strings.NewReader(readFile(t, vcf)))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "##") {
			continue
		}
		f := strings.Split(lines.Text(), "\t")
		if f[0] == "#CHROM" {
			samples = f[9:]
			continue
		}
		pos, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		r := record{variant: genomics.Variant{Chrom: f[0], Pos: pos, ID: f[2], Ref: f[3], Alt: f[4]}}
		for i, sample := range samples {
			g := genomics.Missing
			if call := f[9+i][:3]; call != "./." {
				g = call[0] - '0' + call[2] - '0'
			}
			r.whole[g]++
			switch status[sample] {
			case "1":
				r.table.Controls[g]++
			case "2":
				r.table.Cases[g]++
			}
		}
		records = append(records, r)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return records
}

// readCounts reads variants with their genotype counts: REF homozygotes, then
// heterozygotes, ALT homozygotes and missing calls, with slashes between them.
func readCounts(t testing.TB, path string) []record {
	t.Helper()
	var records []record
	for line := range strings.Lines(readFile(t, path)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var r record
		v, w, a, u := &r.variant, &r.whole, &r.table.Cases, &r.table.Controls
		_, err := fmt.Sscanf(line, "%s %d %s %s %s %d/%d/%d/%d %d/%d/%d/%d %d/%d/%d/%d", &v.Chrom, &v.Pos, &v.ID, &v.Ref, &v.Alt,
			&w[0], &w[1], &w[2], &w[3], &a[0], &a[1], &a[2], &a[3], &u[0], &u[1], &u[2], &u[3])
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

func idWidth(records []record) int {
	width := minIDWidth
	for _, r := range records {
		width = IDWidth(width, r.variant.ID)
	}
	return width
}

// A writer is what the two writers have in common.
type writer interface {
	Write(genomics.Variant, genomics.Counts, Table) error
	Flush() error
}

func writeAll(t testing.TB, w writer, err error, records []record) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Write(r.variant, r.whole, r.table); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
}

// ofGenotypes writes the alleles of a table of genotypes.
type ofGenotypes struct{ *AssocWriter }

func (w ofGenotypes) Write(v genomics.Variant, whole genomics.Counts, t Table) error {
	return w.AssocWriter.Write(v, AllelesOf(whole), t.Alleles())
}

// diploid writes tables of samples that all have two copies.
type diploid struct{ *ModelWriter }

func (w diploid) Write(v genomics.Variant, whole genomics.Counts, t Table) error {
	return w.ModelWriter.Write(v, AllelesOf(whole), whole, t)
}

func assocTable(t testing.TB, records []record, level float64) string {
	t.Helper()
	var out bytes.Buffer
	w, err := NewAssocWriter(&out, idWidth(records), level)
	writeAll(t, ofGenotypes{w}, err, records)
	return out.String()
}

func modelTable(t testing.TB, records []record) string {
	t.Helper()
	var out bytes.Buffer
	w, err := NewModelWriter(&out, idWidth(records))
	writeAll(t, diploid{w}, err, records)
	return out.String()
}

// compare reports the first lines that differ.
func compare(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	if len(g) != len(w) {
		t.Errorf("%d lines, PLINK writes %d", len(g), len(w))
	}
	shown := 0
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] && shown < 5 {
			t.Errorf("line %d\nis    %q\nPLINK %q", i+1, g[i], w[i])
			shown++
		}
	}
}

func TestTablesEqualPLINK(t *testing.T) {
	for _, name := range []string{"edge", "missing", "round", "tiny", "large"} {
		path := filepath.Join("testdata", name)
		var records []record
		if name == "large" {
			records = readCounts(t, path+".counts")
		} else {
			records = readCohort(t, path+".vcf", path+".pheno.txt")
		}
		t.Run(name+".assoc", func(t *testing.T) {
			compare(t, assocTable(t, records, 0), readFile(t, path+".assoc"))
		})
		t.Run(name+".ci.assoc", func(t *testing.T) {
			compare(t, assocTable(t, records, 0.95), readFile(t, path+".ci.assoc"))
		})
		t.Run(name+".model", func(t *testing.T) {
			compare(t, modelTable(t, records), readFile(t, path+".model"))
		})
	}
}

func TestConfidenceLevel99EqualsPLINK(t *testing.T) {
	records := readCohort(t, "testdata/missing.vcf", "testdata/missing.pheno.txt")
	compare(t, assocTable(t, records, 0.99), readFile(t, "testdata/missing.ci99.assoc"))
}

func TestHapMap3EqualsPLINK(t *testing.T) {
	path := shareddata.Dir(t, "hapmap3")
	records := readCohort(t, filepath.Join(path, "hapmap3.vcf"), filepath.Join(path, "pheno.txt"))
	if len(records) != 14079 {
		t.Fatalf("%d variants, want 14079", len(records))
	}
	t.Run("assoc", func(t *testing.T) {
		compare(t, assocTable(t, records, 0), readFile(t, filepath.Join(path, "plink19.CASE.assoc")))
	})
	// The reference has the GENO and TREND rows only.
	t.Run("model", func(t *testing.T) {
		var got strings.Builder
		for line := range strings.Lines(modelTable(t, records)) {
			if slices.Contains([]string{"TEST", "GENO", "TREND"}, strings.Fields(line)[4]) {
				got.WriteString(line)
			}
		}
		compare(t, got.String(), readFile(t, filepath.Join(path, "plink19.CASE.model")))
	})
}

// The names are those that PLINK 1.90b6.26 printed for one variant each.
func TestChromosome(t *testing.T) {
	for name, want := range map[string]string{
		"1": "1", "22": "22", "04": "4", "0": "0", "00": "0", "chr2": "2", "CHR3": "3", "Chr10": "10",
		"X": "23", "x": "23", "chrX": "23", "0X": "23", "23": "23",
		"Y": "24", "chrY": "24", "24": "24", "XY": "25", "chrXY": "25", "25": "25",
		"M": "26", "MT": "26", "chrM": "26", "26": "26",
		"PAR1": "25", "chrPAR2": "25", "GL1": "GL1", "cX": "cX", "chrZ": "chrZ", "HLA-A*01:01": "HLA-A*01:01",
		"chrUn_KI270742v1": "chrUn_KI270742v1",
	} {
		if got := chromosome(name); got != want {
			t.Errorf("chromosome(%q) = %q, PLINK prints %q", name, got, want)
		}
	}
}

func TestIDWidth(t *testing.T) {
	for _, test := range []struct {
		ids  []string
		want int
	}{
		{[]string{".", "rs1", "1234"}, 4},
		{[]string{"12345"}, 7},
		{[]string{"12345", "1234567"}, 7},
		{[]string{"12345", "12345678"}, 10},
		{[]string{"12345678", "12345"}, 10},
	} {
		got := 0
		for _, id := range test.ids {
			got = IDWidth(got, id)
		}
		if got != test.want {
			t.Errorf("IDWidth(%q) = %d, want %d", test.ids, got, test.want)
		}
	}
}

// The per cent are those in the headers that PLINK 1.90b6.26 wrote.
func TestConfidenceHeader(t *testing.T) {
	for level, want := range map[float64]string{
		0.01: "          SE           L1           U1 \n", 0.05: "          SE           L5           U5 \n",
		0.29: "          SE          L29          U29 \n", 0.9: "          SE          L90          U90 \n",
		0.999: "          SE          L99          U99 \n",
	} {
		if got := assocTable(t, nil, level); !strings.HasSuffix(got, "OR "+want) {
			t.Errorf("level %v: header %q, want it to end in %q", level, got, want)
		}
	}
}

func TestWritersRefuse(t *testing.T) {
	for _, level := range []float64{-0.95, 0.009, 1, 95} {
		if _, err := NewAssocWriter(io.Discard, 4, level); err == nil {
			t.Errorf("NewAssocWriter accepts a confidence level of %v", level)
		}
	}
	if _, err := NewAssocWriter(io.Discard, 3, 0); err == nil {
		t.Error("NewAssocWriter accepts a column narrower than its header")
	}
	if _, err := NewModelWriter(io.Discard, 3); err == nil {
		t.Error("NewModelWriter accepts a column narrower than its header")
	}
	v := genomics.Variant{Chrom: "7", Pos: 42, ID: "rs1", Ref: "A", Alt: "G"}
	for _, test := range []struct {
		name  string
		whole genomics.Counts
		table Table
	}{
		{"negative", genomics.Counts{9, 9, 9}, Table{Cases: genomics.Counts{1, -3, 1}}},
		{"more cases than samples", genomics.Counts{9, 9, 9}, Table{Cases: genomics.Counts{0, 0, 14}}},
		{"more in all than samples", genomics.Counts{9, 9, 9}, Table{genomics.Counts{0, 0, 7}, genomics.Counts{0, 0, 7}}},
		{"too large", genomics.Counts{MaxSamples, 1}, Table{}},
		{"wraps around", genomics.Counts{9, 9, 9}, Table{genomics.Counts{1 << 62}, genomics.Counts{-1 << 62}}},
	} {
		assoc, _ := NewAssocWriter(io.Discard, 4, 0)
		model, _ := NewModelWriter(io.Discard, 4)
		for _, w := range []writer{ofGenotypes{assoc}, diploid{model}} {
			err := w.Write(v, test.whole, test.table)
			if err == nil || !strings.Contains(err.Error(), "rs1 at 7:42") {
				t.Errorf("%s: %T returns %v, want an error that names the variant", test.name, w, err)
			}
		}
	}
}

// failing is a writer that has no room.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestFlushReportsFailure(t *testing.T) {
	assoc, _ := NewAssocWriter(failing{}, 4, 0)
	model, _ := NewModelWriter(failing{}, 4)
	for _, w := range []writer{ofGenotypes{assoc}, diploid{model}} {
		if err := w.Flush(); err != io.ErrShortWrite {
			t.Errorf("%T: %v, want %v", w, err, io.ErrShortWrite)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	records := readCohort(b, "testdata/round.vcf", "testdata/round.pheno.txt")
	assoc, _ := NewAssocWriter(io.Discard, 12, 0)
	interval, _ := NewAssocWriter(io.Discard, 12, 0.95)
	model, _ := NewModelWriter(io.Discard, 12)
	for _, bench := range []struct {
		name string
		w    writer
	}{{"assoc", ofGenotypes{assoc}}, {"assoc with interval", ofGenotypes{interval}}, {"model", diploid{model}}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r := records[i%len(records)]
				if err := bench.w.Write(r.variant, r.whole, r.table); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
