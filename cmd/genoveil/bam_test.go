package main

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/biogo/hts/sam"
	"github.com/rogpeppe/go-internal/testscript"

	"genoveil/genomics/bam/readsim"
)

// tobam SAM BAM writes a SAM file as a BAM file with a BAI index. Columns may be
// separated by blanks.
func tobam(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tobam SAM BAM")
	}
	var text strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		text.WriteString(strings.Join(strings.Fields(line), "\t") + "\n")
	}
	r, err := sam.NewReader(strings.NewReader(text.String()))
	ts.Check(err)
	ts.Check(readsim.WriteRecords(ts.MkAbs(args[1]), r.Header(), func(write func(*sam.Record) error) error {
		for {
			rec, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err == nil {
				err = write(rec)
			}
			if err != nil {
				return err
			}
		}
	}))
}

// sequence SAMPLES DEPTH simulates panel.vcf and the BAM files S001.bam, … of as many
// samples.
func sequence(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sequence SAMPLES DEPTH")
	}
	samples, err := strconv.Atoi(args[0])
	ts.Check(err)
	depth, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	cohort := readsim.New(readsim.Options{
		Samples: samples, Contigs: []readsim.Contig{{Name: "chr1", Length: 30_000}, {Name: "chr2", Length: 15_000}}, Sites: 120, Depth: depth, Seed: 1,
	})
	var text strings.Builder
	ts.Check(cohort.WriteSites(&text))
	ts.Check(os.WriteFile(ts.MkAbs("panel.vcf"), []byte(text.String()), 0o666))
	for i := range samples {
		ts.Check(cohort.WriteBAM(ts.MkAbs(cohort.SampleName(i)+".bam"), i))
	}
}
