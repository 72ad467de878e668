package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"genoveil/genomics/rowtest"
	"genoveil/genomics/vcf"
)

// tobinary VCF PREFIX writes what a VCF has, by its field DS, as a PLINK 2 fileset and as
// a BGEN file.
func tobinary(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tobinary VCF PREFIX")
	}
	src, err := vcf.OpenDosages(ts.MkAbs(args[0]), nil, "DS")
	ts.Check(err)
	samples := src.Samples()
	rows, err := rowtest.Dosages(src, nil)
	ts.Check(err)
	prefix := ts.MkAbs(args[1])
	pgen, pvar, psam := rowtest.PGEN(samples, rows)
	bgen, sample := rowtest.BGEN(samples, rows)
	for suffix, text := range map[string]string{".pgen": pgen, ".pvar": pvar, ".psam": psam, ".bgen": bgen, ".sample": sample} {
		ts.Check(os.WriteFile(prefix+suffix, []byte(text), 0o666))
	}
}
