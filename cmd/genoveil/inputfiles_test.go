package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"genoveil/genomics"
	"genoveil/genomics/rowtest"
	"genoveil/genomics/vcf"
	"genoveil/pipeline/private"
)

// write writes files of the working directory.
func write(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// readFile reads a file of the working directory.
func readFile(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// writeFormats writes rows in all formats, with a name in place of @ in those of chr@.
func writeFormats(t *testing.T, name string, samples []string, rows []rowtest.Row) {
	bed, bim, fam := rowtest.BED(samples, rows)
	pgen, pvar, psam := rowtest.PGEN(samples, rows)
	bgen, sample := rowtest.BGEN(samples, rows)
	var text strings.Builder
	text.WriteString("##fileformat=VCFv4.2\n##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t" + strings.Join(samples, "\t") + "\n")
	for _, r := range rows {
		fmt.Fprintf(&text, "%s\t%d\t%s\t%s\t%s\t.\t.\t.\tGT:DS", r.Chrom, r.Pos, r.ID, r.Ref, r.Alt)
		for _, d := range r.Dosages {
			gt, ds := "./.", "."
			if d != genomics.MissingDosage {
				ds = fmt.Sprintf("%d.%03d", d/1000, d%1000)
				if d%1000 == 0 {
					gt = []string{"0/0", "0/1", "1/1"}[d/1000]
				}
			}
			text.WriteString("\t" + gt + ":" + ds)
		}
		text.WriteString("\n")
	}
	write(t, map[string]string{
		name + ".vcf": text.String(), name + ".bed": bed, name + ".bim": bim, name + ".fam": fam,
		name + ".pgen": pgen, name + ".pvar": pvar, name + ".psam": psam, name + ".bgen": bgen, name + ".sample": sample,
	})
}

// inputsOf are the flags that read a cohort in a format; @ stands for a part.
var inputsOf = map[string]string{"vcf": "--vcf @.vcf", "bed": "--bfile @", "pgen": "--pfile @", "bgen": "--bgen @.bgen --sample @.sample"}

// indexed is what an index says of samples and variants; it leaves the keys out.
func indexed(t *testing.T, path string) (all []string) {
	t.Helper()
	r, err := private.OpenAnyIndex(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all = append(slices.Clone(r.Samples), fmt.Sprint(r.Variants, r.MissingRate, r.IDWidth, r.Genotypes))
	for {
		block, err := r.NextBlock()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, "a block")
		for i, v := range block.Variants {
			all = append(all, fmt.Sprint(v, block.Tallies[i].Counts))
		}
	}
}

// TestOneFileAChromosome encrypts 22 files of a chromosome each, in every format. The
// cohort is that of one file: its index says the same, one shard of the one and one of the
// other make a cohort together (the digests of all blocks are compared), and the tables
// are the same to the byte.
func TestOneFileAChromosome(t *testing.T) {
	for _, test := range []struct {
		kind, keygen, simulate, key, field string
		formats                            []string
	}{
		{"calls", "", " --missing 0.03", "keys/eval.key", "", []string{"vcf", "bed", "pgen", "bgen"}},
		{"dosages", " --dosage", " --dosage", "keys/eval-dosage.key", " --dosage-field DS", []string{"vcf", "pgen", "bgen"}},
	} {
		t.Run(test.kind, func(t *testing.T) {
			t.Chdir(t.TempDir())
			genoveil(t, "keygen -o keys"+test.keygen)
			genoveil(t, "simulate --samples 11 --variants 9000 --causal 3 --covariates 0 --seed 4"+test.simulate+" -o sim")
			samples, rows := readSimulated(t, test.field != "")
			writeFormats(t, "whole", samples, rows)
			parts := 0
			for len(rows) > 0 {
				n := slices.IndexFunc(rows, func(r rowtest.Row) bool { return r.Chrom != rows[0].Chrom })
				if n < 0 {
					n = len(rows)
				}
				writeFormats(t, "chr"+rows[0].Chrom, samples, rows[:n])
				rows = rows[n:]
				parts++
			}
			if parts != 22 {
				t.Fatalf("%d chromosomes", parts)
			}

			table := func(cohort string) []byte {
				genoveil(t, "encrypt traits --index "+cohort+".index --pheno sim.pheno.txt --pheno-name QT --test linear --keys keys -o "+cohort)
				genoveil(t, "run --cohort "+cohort+" --traits "+cohort+".traits --eval-key "+test.key+" -o "+cohort+".sums")
				genoveil(t, "decrypt --sums "+cohort+".sums --index "+cohort+".index --private "+cohort+".private --keys keys -o "+cohort)
				return readFile(t, cohort+".QT.glm.linear")
			}
			genoveil(t, "encrypt genotypes --vcf whole.vcf"+test.field+" --keys keys -o whole")
			wantIndex, wantTable := indexed(t, "whole.index"), table("whole")
			if len(wantIndex) < 9000 || bytes.Count(wantTable, []byte("\n")) != 9001 {
				t.Fatalf("%d lines in the index, %d in the table", len(wantIndex), bytes.Count(wantTable, []byte("\n")))
			}
			for _, format := range test.formats {
				one := "encrypt genotypes " + strings.ReplaceAll(inputsOf[format], "@", "whole") + test.field + " --keys keys -o "
				several := "encrypt genotypes " + strings.ReplaceAll(inputsOf[format], "@", "chr@") + test.field + " --keys keys -o "
				genoveil(t, several+format)
				if diff := cmp.Diff(wantIndex, indexed(t, format+".index")); diff != "" {
					t.Errorf("%s: %s", format, diff)
				}
				genoveil(t, one+format+" --renew-check")
				genoveil(t, several+"half-"+format+" --shard 1/2")
				genoveil(t, one+"half-"+format+" --shard 2/2")
				for _, cohort := range []string{format, "half-" + format} {
					if got := table(cohort); !bytes.Equal(got, wantTable) {
						t.Errorf("%s: the table differs from that of one file", cohort)
					}
				}
			}
		})
	}
}

// readSimulated reads what simulate wrote to sim.vcf.gz.
func readSimulated(t *testing.T, dosages bool) (samples []string, rows []rowtest.Row) {
	t.Helper()
	if dosages {
		src, err := vcf.OpenDosages("sim.vcf.gz", nil, "DS")
		if err == nil {
			samples = src.Samples()
			rows, err = rowtest.Dosages(src, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		return samples, rows
	}
	src, err := vcf.Open("sim.vcf.gz", nil)
	if err == nil {
		samples = src.Samples()
		rows, err = rowtest.Calls(src, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		for _, call := range rows[i].Genotypes {
			d := uint16(genomics.MissingDosage)
			if call != '.' {
				d = uint16(call-'0') * genomics.MaxDosage / 2
			}
			rows[i].Dosages = append(rows[i].Dosages, d)
		}
	}
	return samples, rows
}
