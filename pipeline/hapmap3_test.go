package pipeline

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/vcf"
)

// TestHapMap3EqualsPLINK runs the whole way round on real genotypes and compares
// with what PLINK 1.90b6.26 wrote: the .assoc table byte for byte, and the TREND
// and GENO rows of the .model table.
func TestHapMap3EqualsPLINK(t *testing.T) {
	data := shareddata.Dir(t, "hapmap3")
	w := hapMap3World(t, data)
	w.run("case", "case")
	assoc, model := w.decrypt("case", "case")

	if want := gunzip(t, filepath.Join(data, "plink19.CASE.assoc.gz")); !bytes.Equal(assoc, want) {
		t.Error("the .assoc table differs from PLINK's: ", firstDifference(assoc, want))
	}
	var rows bytes.Buffer
	for line := range strings.Lines(string(model)) {
		if test := strings.Fields(line)[4]; test == "TEST" || test == "GENO" || test == "TREND" {
			rows.WriteString(line)
		}
	}
	if want := gunzip(t, filepath.Join(data, "plink19.CASE.model.gz")); !bytes.Equal(rows.Bytes(), want) {
		t.Error("the .model table differs from PLINK's: ", firstDifference(rows.Bytes(), want))
	}
}

// hapMap3World has the genotypes and the trait CASE encrypted, the latter as "case".
func hapMap3World(t *testing.T, data string) *world {
	t.Helper()
	source, err := vcf.Open(filepath.Join(data, "hapmap3.vcf.gz"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	table, err := pheno.Read(filepath.Join(data, "pheno.txt"))
	if err != nil {
		t.Fatal(err)
	}
	status, _, err := table.CaseControl("CASE", source.Samples())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.encrypt(source)
	w.query("case", status)
	return w
}

func gunzip(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func firstDifference(got, want []byte) string {
	g, w := bufio.NewScanner(bytes.NewReader(got)), bufio.NewScanner(bytes.NewReader(want))
	for g.Scan() && w.Scan() {
		if g.Text() != w.Text() {
			return "got\n" + g.Text() + "\nwant\n" + w.Text()
		}
	}
	return "one is longer"
}
