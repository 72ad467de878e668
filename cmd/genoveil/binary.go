package main

import (
	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/bgen"
	"genoveil/genomics/pgen"
)

// binaryFlags say which PLINK 2 fileset or BGEN file to read.
type binaryFlags struct {
	pfile, bgen, sample string
	refLast             bool
}

func (b *binaryFlags) register(f *pflag.FlagSet) {
	f.StringVar(&b.pfile, "pfile", "", "prefix of a PLINK 2 fileset (.pgen, .pvar, .psam)")
	f.StringVar(&b.bgen, "bgen", "", "BGEN file, version 1.2 or 1.3")
	f.StringVar(&b.sample, "sample", "", "the BGEN file's .sample file; not needed where the BGEN file names its samples")
	f.BoolVar(&b.refLast, "ref-last", false, "REF is the second allele in the BGEN file, not the first")
}

// given reports whether there is such an input.
func (b *binaryFlags) given() bool { return b.pfile != "" || b.bgen != "" }

// check refuses flags that make no sense together. Dosages come from the field that a
// VCF would have them in.
func (b *binaryFlags) check(dosage string, regions []string) error {
	flag := "--pfile"
	if b.bgen != "" {
		flag = "--bgen"
	}
	switch {
	case b.bgen == "" && b.sample != "":
		return usagef("--sample needs --bgen")
	case b.bgen == "" && b.refLast:
		return usagef("--ref-last needs --bgen")
	case b.given() && len(regions) > 0:
		return usagef("--region needs --vcf; use --chr with %s", flag)
	case b.given() && dosage != "" && dosage != "DS":
		return usagef("--dosage-field %s needs --vcf; give --dosage-field DS for the dosages of %s", dosage, flag)
	}
	return nil
}

// inputs names the files that are read.
func (b *binaryFlags) inputs() []string {
	if b.pfile != "" {
		return pgen.Files(b.pfile)
	}
	return []string{b.bgen, b.sample}
}

func (b *binaryFlags) order() bgen.AlleleOrder {
	if b.refLast {
		return bgen.RefLast
	}
	return bgen.RefFirst
}

func (b *binaryFlags) openCalls() (genomics.Source, error) {
	if b.pfile != "" {
		return pgen.Open(b.pfile)
	}
	return bgen.Open(b.bgen, b.sample, b.order())
}

func (b *binaryFlags) openDosages() (genomics.DosageSource, error) {
	if b.pfile != "" {
		return pgen.OpenDosages(b.pfile)
	}
	return bgen.OpenDosages(b.bgen, b.sample, b.order())
}
