package pipeline_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/shareddata"
	"genoveil/genomics/vcf"
	"genoveil/pipeline/pipelinetest"
)

// TestHapMap3EqualsPLINK runs the whole way round on real genotypes and compares
// with what PLINK 1.90b6.26 wrote: the .assoc table byte for byte, and the TREND
// and GENO rows of the .model table.
func TestHapMap3EqualsPLINK(t *testing.T) {
	data := shareddata.Dir(t, "hapmap3")
	w := hapMap3World(t, data)
	w.Run("case", "case")
	assoc, model := w.Decrypt("case", "case")

	if want := pipelinetest.Gunzip(t, filepath.Join(data, "plink19.CASE.assoc.gz")); !bytes.Equal(assoc, want) {
		t.Error("the .assoc table differs from PLINK's: ", pipelinetest.FirstDifference(assoc, want))
	}
	var rows bytes.Buffer
	for line := range strings.Lines(string(model)) {
		if test := strings.Fields(line)[4]; test == "TEST" || test == "GENO" || test == "TREND" {
			rows.WriteString(line)
		}
	}
	if want := pipelinetest.Gunzip(t, filepath.Join(data, "plink19.CASE.model.gz")); !bytes.Equal(rows.Bytes(), want) {
		t.Error("the .model table differs from PLINK's: ", pipelinetest.FirstDifference(rows.Bytes(), want))
	}
}

// hapMap3World has the genotypes and the trait CASE encrypted, the latter as "case".
func hapMap3World(t *testing.T, data string) *pipelinetest.World {
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
	w := pipelinetest.NewWorld(t)
	w.Encrypt(source)
	w.Query("case", status)
	return w
}
