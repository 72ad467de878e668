// Command bamcalls compares genotype calling from BAM files with samtools and bcftools,
// which must be in PATH. It measures how many calls are right, how many agree, how long
// calling takes and how much memory it needs.
//
// Samples are simulated (genomics/bam/readsim). samtools writes their files anew, so that
// all programs read what samtools compressed and indexed. The command
//
//	make build && go run ./benchmarks/bamcalls
//
// printed the following (samtools and bcftools 1.16, two cores of an AMD EPYC Genoa, two
// minutes):
//
//	8 samples at 30x, 2000000 bases, a site every 500
//	  genoveil: 100.000 % of 31998 calls right, 0.01 % missing
//	  bcftools: 99.987 % of 32000 calls right, 0.00 % missing
//	  genoveil and bcftools agree in 99.987 % of 31998 calls that both make
//	  samtools mpileup, one file, one thread: 0.27 s (1.00 of mpileup)
//	  genoveil call, one file, one thread: 0.40 s (1.50 of mpileup)
//	  genoveil call, a site every 100,000 bases, one file, one thread: 0.04 s (0.15 of mpileup)
//	  genoveil call, 8 files at once: 1.23 s, 29 MB
//	8 samples at 8x, 2000000 bases, a site every 500
//	  genoveil: 99.818 % of 24701 calls right, 22.81 % missing
//	  bcftools: 97.908 % of 31972 calls right, 0.09 % missing
//	  genoveil and bcftools agree in 99.640 % of 24700 calls that both make
//	  samtools mpileup, one file, one thread: 0.11 s (1.00 of mpileup)
//	  genoveil call, one file, one thread: 0.13 s (1.23 of mpileup)
//	  genoveil call, a site every 100,000 bases, one file, one thread: 0.05 s (0.48 of mpileup)
//	  genoveil call, 8 files at once: 0.41 s, 29 MB
//
// With -bam, -sites, -truth and -confident it compares the calls of a real person with the
// truth instead, for example of Genome in a Bottle.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"genoveil/genomics/bam/readsim"
)

func main() {
	program := flag.String("genoveil", "bin/genoveil", "the `program`")
	samples := flag.Int("samples", 8, "number of `samples`")
	length := flag.Int("length", 2_000_000, "`bases` of the genome, with a site every 500")
	var p person
	flag.StringVar(&p.bam, "bam", "", "BAM `file` of a person whose genotypes are known")
	flag.StringVar(&p.sites, "sites", "", "VCF `file` of the sites to call")
	flag.StringVar(&p.truth, "truth", "", "VCF `file` of the person's genotypes")
	flag.StringVar(&p.confident, "confident", "", "BED `file` of the regions where the truth has all variants")
	flag.Parse()
	if err := choose(*program, *samples, *length, &p); err != nil {
		fmt.Fprintln(os.Stderr, "bamcalls:", err)
		os.Exit(1)
	}
}

func choose(program string, samples, length int, p *person) error {
	switch all, some := p.given(); {
	case all:
		return p.compare(program)
	case some:
		return errors.New("give all of -bam, -sites, -truth and -confident")
	}
	return run(program, samples, length)
}

func run(program string, samples, length int) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bamcalls")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chdir(dir); err != nil {
		return err
	}
	for _, depth := range []float64{30, 8} {
		fmt.Printf("%d samples at %gx, %d bases, a site every 500\n", samples, depth, length)
		cohort := readsim.New(readsim.Options{
			Samples: samples, Contigs: []readsim.Contig{{Name: "chr1", Length: length * 3 / 4}, {Name: "chr2", Length: length / 4}},
			Sites: length / 500, Depth: depth, Seed: 1,
		})
		bams, err := write(cohort, samples)
		if err != nil {
			return err
		}
		if err := concordance(program, cohort, bams); err != nil {
			return err
		}
		if err := throughput(program, bams); err != nil {
			return err
		}
	}
	return nil
}

// write writes the reference, the panels and the reads.
func write(c *readsim.Cohort, samples int) (bams []string, err error) {
	for _, file := range []struct {
		path  string
		write func(io.Writer) error
	}{
		{"reference.fa", c.WriteReference},
		{"panel.vcf", c.WriteSites},
		{"sparse.vcf", func(w io.Writer) error { return writeSparse(c, w) }},
		{"alleles.tsv", func(w io.Writer) error { return writeAlleles(c, w) }},
	} {
		out, err := os.Create(file.path)
		if err != nil {
			return nil, err
		}
		if err := file.write(out); err != nil {
			return nil, err
		}
		if err := out.Close(); err != nil {
			return nil, err
		}
	}
	if _, err := shell("bgzip -kf alleles.tsv; tabix -f -s1 -b2 -e2 alleles.tsv.gz; cut -f1,2 alleles.tsv > sites.txt"); err != nil {
		return nil, err
	}
	for i := range samples {
		path := c.SampleName(i) + ".bam"
		if err := c.WriteBAM("raw.bam", i); err != nil {
			return nil, err
		}
		if _, err := shell("samtools view --no-PG -b -o " + path + " raw.bam && samtools index " + path); err != nil {
			return nil, err
		}
		bams = append(bams, path)
	}
	return bams, nil
}

// writeSparse writes one site of 200 of the panel.
func writeSparse(c *readsim.Cohort, w io.Writer) error {
	var panel, sparse strings.Builder
	if err := c.WriteSites(&panel); err != nil {
		return err
	}
	records := 0
	for line := range strings.Lines(panel.String()) {
		if !strings.HasPrefix(line, "#") {
			if records++; records%200 != 1 {
				continue
			}
		}
		sparse.WriteString(line)
	}
	_, err := io.WriteString(w, sparse.String())
	return err
}

// writeAlleles writes the sites as bcftools call -C alleles takes them.
func writeAlleles(c *readsim.Cohort, w io.Writer) error {
	for _, s := range c.Sites {
		if _, err := fmt.Fprintf(w, "%s\t%d\t%s,%s\n", s.Chrom, s.Pos, s.Ref, s.Alt); err != nil {
			return err
		}
	}
	return nil
}
