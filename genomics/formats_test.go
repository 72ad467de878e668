package genomics_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/genomics/bed"
	"genoveil/genomics/bgen"
	"genoveil/genomics/pgen"
	"genoveil/genomics/rowtest"
	"genoveil/genomics/vcf"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A cohort is written in every format that is read.
type cohort struct {
	samples  []string
	variants []genomics.Variant
	dosages  [][]uint16 // in thousandths, or missing
}

func drawCohort(t *rapid.T, whole bool) cohort {
	var c cohort
	for i := range rapid.IntRange(1, 10).Draw(t, "samples") {
		c.samples = append(c.samples, fmt.Sprint("s", i))
	}
	dosage := rapid.Uint16Range(0, genomics.MaxDosage)
	if whole {
		dosage = rapid.SampledFrom([]uint16{0, 1000, 2000})
	}
	dosage = rapid.OneOf(dosage, dosage, dosage, rapid.Just[uint16](genomics.MissingDosage))
	for i := range rapid.IntRange(0, 8).Draw(t, "variants") {
		alt := rapid.SampledFrom([]string{"C", "C", "C", "GT", "C,G", "<DEL>", "*", "R"}).Draw(t, "alt")
		c.variants = append(c.variants, genomics.Variant{Chrom: rapid.SampledFrom([]string{"1", "X"}).Draw(t, "chrom"), Pos: i, ID: rapid.SampledFrom([]string{"rs", "."}).Draw(t, "id"), Ref: "A", Alt: alt})
		c.dosages = append(c.dosages, rapid.SliceOfN(dosage, len(c.samples), len(c.samples)).Draw(t, "dosages"))
	}
	return c
}

// skipOf says why every reader passes over a variant, or "".
func skipOf(v genomics.Variant) string {
	if v.Alt == "R" {
		return genomics.OddAlleles
	}
	return genomics.SkipAlt(v.Alt)
}

// reasons are counts without where the first of each is.
func reasons(skipped map[string]int) map[string]int {
	counts := map[string]int{}
	for reason, n := range skipped {
		reason, _, _ = strings.Cut(reason, "; the first in ")
		counts[reason] += n
	}
	return counts
}

func (c cohort) vcf() string {
	var out strings.Builder
	out.WriteString("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + strings.Join(c.samples, "\t") + "\n")
	for i, v := range c.variants {
		fmt.Fprintf(&out, "%s\t%d\t%s\t%s\t%s\t.\t.\t.\tGT:DS", v.Chrom, v.Pos, v.ID, v.Ref, v.Alt)
		for _, d := range c.dosages[i] {
			gt := map[uint16]string{0: "0/0", 1000: "0/1", 2000: "1/1"}[d]
			if gt == "" {
				gt = "./."
			}
			ds := "."
			if d != genomics.MissingDosage {
				ds = fmt.Sprintf("%d.%03d", d/1000, d%1000)
			}
			out.WriteString("\t" + gt + ":" + ds)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func (c cohort) bed() (bed, bim, fam string) {
	var rows []rowtest.Row
	for _, r := range c.rows() {
		if skipOf(r.Variant) == "" { // which PLINK 1 has not
			rows = append(rows, r)
		}
	}
	return rowtest.BED(c.samples, rows)
}

// rows are the cohort's variants with their dosages.
func (c cohort) rows() []rowtest.Row {
	var rows []rowtest.Row
	for i, v := range c.variants {
		rows = append(rows, rowtest.Row{Variant: v, Dosages: c.dosages[i]})
	}
	return rows
}

// write writes the cohort in every format and returns the paths without their suffixes.
func (c cohort) write(t *rapid.T, dir string) string {
	path := filepath.Join(dir, "x")
	bed, bim, fam := c.bed()
	pgen, pvar, psam := rowtest.PGEN(c.samples, c.rows())
	bgen, sample := rowtest.BGEN(c.samples, c.rows())
	for suffix, text := range map[string]string{
		".vcf": c.vcf(), ".bed": bed, ".bim": bim, ".fam": fam,
		".pgen": pgen, ".pvar": pvar, ".psam": psam, ".bgen": bgen, ".sample": sample,
	} {
		if err := os.WriteFile(path+suffix, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// source returns a source and fails the test where it could not be opened.
func source[S any](t *rapid.T) func(S, error) S {
	return func(s S, err error) S {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// TestFormatsOfCalls reads the same calls from all formats.
func TestFormatsOfCalls(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCohort(t, true)
		path := c.write(t, dir)
		sources := map[string]genomics.Source{
			"VCF":  source[*vcf.Reader](t)(vcf.Open(path+".vcf", nil)),
			"BED":  source[*bed.Reader](t)(bed.Open(path)),
			"PGEN": source[*pgen.Reader](t)(pgen.Open(path)),
			"BGEN": source[*bgen.Reader](t)(bgen.Open(path+".bgen", path+".sample", bgen.RefFirst)),
		}
		want, err := rowtest.Calls(sources["VCF"], nil)
		if err != nil {
			t.Fatal(err)
		}
		skipped := map[string]int{}
		for _, v := range c.variants {
			if reason := skipOf(v); reason != "" {
				skipped[reason]++
			}
		}
		if len(want)+sum(skipped) != len(c.variants) {
			t.Fatal(len(want), skipped)
		}
		for format, src := range sources {
			if diff := cmp.Diff(c.samples, src.Samples()); diff != "" {
				t.Error(format, diff)
			}
			if format != "VCF" {
				got, err := rowtest.Calls(src, nil)
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Error(format, err, diff)
				}
			}
			if diff := cmp.Diff(skipped, reasons(src.Skipped())); diff != "" && format != "BED" {
				t.Error(format, diff)
			}
		}
	})
}

// TestFormatsOfDosages reads the same dosages from all formats that have them.
func TestFormatsOfDosages(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCohort(t, false)
		path := c.write(t, dir)
		sources := map[string]genomics.DosageSource{
			"VCF":  source[*vcf.DosageReader](t)(vcf.OpenDosages(path+".vcf", nil, "DS")),
			"PGEN": source[*pgen.DosageReader](t)(pgen.OpenDosages(path)),
			"BGEN": source[*bgen.DosageReader](t)(bgen.OpenDosages(path+".bgen", path+".sample", bgen.RefFirst)),
		}
		var want []rowtest.Row
		for i, v := range c.variants {
			if skipOf(v) == "" {
				want = append(want, rowtest.Row{Variant: v, Dosages: c.dosages[i]})
			}
		}
		for format, src := range sources {
			if diff := cmp.Diff(c.samples, src.Samples()); diff != "" {
				t.Error(format, diff)
			}
			got, err := rowtest.Dosages(src, nil)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(format, err, diff)
			}
		}
	})
}

func sum(counts map[string]int) int {
	n := 0
	for count := range maps.Values(counts) {
		n += count
	}
	return n
}
