package pipeline_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/bgen"
	"genoveil/genomics/pgen"
	"genoveil/genomics/rowtest"
	"genoveil/genomics/simulate"
	"genoveil/genomics/test"
	"genoveil/genomics/vcf"
	"genoveil/he/hetest"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// TestTablesOfAllFormats: from the same calls as VCF, BED, PGEN and BGEN, encrypted and
// decrypted, the tables are the same, byte for byte. So they are from the same dosages as
// VCF, PGEN and BGEN: each format holds thousandths.
func TestTablesOfAllFormats(t *testing.T) {
	simulated := func() *simulate.Cohort {
		c, err := simulate.New(simulate.Options{Samples: 61, Variants: 150, Missing: 0.03, CaseFraction: 0.4, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	dir := t.TempDir() + "/"
	calls, err := rowtest.Calls(simulated(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		for _, call := range calls[i].Genotypes {
			d := uint16(genomics.MissingDosage)
			if call != '.' {
				d = uint16(call-'0') * genomics.MaxDosage / 2
			}
			calls[i].Dosages = append(calls[i].Dosages, d)
		}
	}
	dosages, err := rowtest.Dosages(simulated().Impute(), nil)
	if err != nil {
		t.Fatal(err)
	}
	samples := simulated().Samples()
	writeFormats(t, dir+"calls", samples, calls, "GT")
	writeFormats(t, dir+"ds", samples, dosages, "DS")

	t.Run("calls", func(t *testing.T) {
		open := func(src genomics.Source, err error) func(*owner.GenotypeJob) {
			if err != nil {
				t.Fatal(err)
			}
			return func(job *owner.GenotypeJob) { job.Source = src }
		}
		sameTables(t, samples, []input{
			{"VCF", open(vcf.Open(dir+"calls.vcf", nil))},
			{"BED", open(bed.Open(dir + "calls"))},
			{"PGEN", open(pgen.Open(dir + "calls"))},
			{"BGEN", open(bgen.Open(dir+"calls.bgen", dir+"calls.sample", bgen.RefFirst))},
		})
	})
	t.Run("dosages", func(t *testing.T) {
		open := func(src genomics.DosageSource, err error) func(*owner.GenotypeJob) {
			if err != nil {
				t.Fatal(err)
			}
			return func(job *owner.GenotypeJob) { job.Dosages = src }
		}
		sameTables(t, samples, []input{
			{"VCF", open(vcf.OpenDosages(dir+"ds.vcf", nil, "DS"))},
			{"PGEN", open(pgen.OpenDosages(dir + "ds"))},
			{"BGEN", open(bgen.OpenDosages(dir+"ds.bgen", dir+"ds.sample", bgen.RefFirst))},
		})
	})
}

// An input is a way to the same genotypes.
type input struct {
	name string
	open func(*owner.GenotypeJob)
}

// writeFormats writes rows as a VCF with a field, and as PGEN, BGEN and, of calls, BED.
func writeFormats(t *testing.T, prefix string, samples []string, rows []rowtest.Row, field string) {
	t.Helper()
	text := "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + strings.Join(samples, "\t")
	bed, bim, fam := "\x6c\x1b\x01", "", ""
	for _, name := range samples {
		fam += "0 " + name + " 0 0 0 -9\n"
	}
	for _, r := range rows {
		text += fmt.Sprintf("\n%s\t%d\t%s\t%s\t%s\t.\t.\t.\t%s", r.Chrom, r.Pos, r.ID, r.Ref, r.Alt, field)
		bim += fmt.Sprintf("%s\t%s\t0\t%d\t%s\t%s\n", r.Chrom, r.ID, r.Pos, r.Alt, r.Ref)
		codes := make([]byte, genomics.RowLen(len(samples)))
		for i, d := range r.Dosages {
			switch {
			case d == genomics.MissingDosage:
				text += map[string]string{"GT": "\t./.", "DS": "\t."}[field]
				codes[i/4] |= 1 << (2 * (i % 4))
			case field == "DS":
				text += fmt.Sprintf("\t%d.%03d", d/1000, d%1000)
			default:
				text += [...]string{"\t0/0", "\t0|1", "\t1/1"}[d/1000]
				codes[i/4] |= [...]byte{3, 2, 0}[d/1000] << (2 * (i % 4))
			}
		}
		bed += string(codes)
	}
	pgen, pvar, psam := rowtest.PGEN(samples, rows)
	bgen, sample := rowtest.BGEN(samples, rows)
	files := map[string]string{".vcf": text + "\n", ".pgen": pgen, ".pvar": pvar, ".psam": psam, ".bgen": bgen, ".sample": sample}
	if field == "GT" {
		files[".bed"], files[".bim"], files[".fam"] = bed, bim, fam
	}
	for suffix, content := range files {
		if err := os.WriteFile(prefix+suffix, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// sameTables compares the tables of formats with those of the first.
func sameTables(t *testing.T, samples []string, formats []input) {
	t.Helper()
	want := map[string]string{}
	for _, f := range formats {
		params := hetest.SumParams(t, 6, 64)
		queries := []string{"chi2", "linear"}
		if strings.HasSuffix(t.Name(), "dosages") {
			params, queries = hetest.WideSumParams(t, 6, 64), []string{"linear", "logistic"}
		}
		w := pipelinetest.WorldOf(t, params)
		job := w.Genotypes(nil)
		f.open(job)
		result, err := job.Run(t.Context())
		w.Must(err)
		if result.Variants != 150 || len(result.Blocks) != 3 || len(result.Blocks[0].Planes) != 3 {
			t.Fatalf("%s: %d variants, blocks %v", f.name, result.Variants, result.Blocks)
		}
		traits, covar := "#IID\tCASE\tQT\n", "#IID\tC\n"
		for i, name := range samples {
			traits += fmt.Sprintf("%s\t%d\t%g\n", name, 1+i%2, pipelinetest.Wave(len(samples), 1.1)[i])
			covar += fmt.Sprintf("%s\t%g\n", name, pipelinetest.Wave(len(samples), 0.3)[i])
		}
		w.Must(os.WriteFile(w.Path("traits.txt"), []byte(traits), 0o600))
		w.Must(os.WriteFile(w.Path("covar.txt"), []byte(covar), 0o600))
		for _, kind := range queries {
			for suffix, table := range tablesOf(t, w, kind) {
				if len(strings.Split(table, "\n")) < 150 {
					t.Fatalf("%s: %s is short:\n%s", f.name, suffix, table)
				}
				if f.name == formats[0].name {
					want[suffix] = table
				} else if table != want[suffix] {
					t.Errorf("%s from %s:\n%s\nfrom %s:\n%s", suffix, f.name, table, formats[0].name, want[suffix])
				}
			}
		}
	}
}

// tablesOf evaluates a test on a cohort, and returns its tables by suffix.
func tablesOf(t *testing.T, w *pipelinetest.World, kind string) map[string]string {
	t.Helper()
	in := test.Phenotypes{Path: w.Path("traits.txt"), Traits: []string{"CASE"}, Models: kind == "chi2"}
	suffixes := map[string][]string{"chi2": {".assoc", ".model"}, "linear": {".QT.glm.linear"}, "logistic": {".CASE.glm.logistic"}}[kind]
	if kind == "linear" {
		in.Traits = []string{"QT"}
	}
	if kind != "chi2" {
		in.Covar = w.Path("covar.txt")
	}
	index, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	defer index.Close()
	silent := func(string, ...any) {}
	sections, err := index.Sections(test.Find(kind), in, silent, silent)
	w.Must(err)
	job := owner.TraitsJob{Index: index, Secret: w.Secret, Test: test.Find(kind), Sections: sections, TraitsPath: w.Path(kind + ".traits"), PrivatePath: w.Path(kind + ".private")}
	query, err := job.Run(t.Context())
	w.Must(err)
	w.Run(kind, kind)
	d, err := w.Decryption(kind, kind)
	w.Must(err)
	tables, err := query.Tables(test.Output{Format: "plink", Models: in.Models, Prefix: w.Path(kind)})
	w.Must(err)
	_, err = d.Results(t.Context(), tables)
	w.Must(err)
	all := map[string]string{}
	for _, suffix := range suffixes {
		all[suffix] = read(t, w.Path(kind+suffix))
	}
	return all
}
