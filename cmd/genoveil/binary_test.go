package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"genoveil/genomics"
	"genoveil/genomics/rowtest"
	"genoveil/genomics/vcf"
)

// tobinary VCF PREFIX [FIELD] writes the calls of a VCF, or the dosages of a field, as a
// PLINK 2 fileset and as a BGEN file. A call that lacks an allele is missing.
func tobinary(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: tobinary VCF PREFIX [FIELD]")
	}
	var samples []string
	var rows []rowtest.Row
	if len(args) == 3 {
		src, err := vcf.OpenDosages(ts.MkAbs(args[0]), nil, args[2])
		ts.Check(err)
		samples = src.Samples()
		rows, err = rowtest.Dosages(src, nil)
		ts.Check(err)
	} else {
		src, err := vcf.Open(ts.MkAbs(args[0]), nil)
		ts.Check(err)
		src.HalfCalls(vcf.HalfMissing)
		samples = src.Samples()
		rows, err = rowtest.Calls(src, nil)
		ts.Check(err)
		for i := range rows {
			for _, call := range rows[i].Genotypes {
				d := uint16(genomics.MissingDosage)
				if call != '.' {
					d = uint16(call-'0') * genomics.MaxDosage / 2
				}
				rows[i].Dosages = append(rows[i].Dosages, d)
			}
		}
	}
	prefix := ts.MkAbs(args[1])
	pgen, pvar, psam := rowtest.PGEN(samples, rows)
	bgen, sample := rowtest.BGEN(samples, rows)
	for suffix, text := range map[string]string{".pgen": pgen, ".pvar": pvar, ".psam": psam, ".bgen": bgen, ".sample": sample} {
		ts.Check(os.WriteFile(prefix+suffix, []byte(text), 0o666))
	}
}
