package main

import (
	"slices"

	"github.com/spf13/pflag"

	"genoveil/genomics"
	"genoveil/genomics/bgen"
	"genoveil/genomics/pgen"
)

// binaryFlags say which PLINK 2 fileset or BGEN file to read.
type binaryFlags struct {
	pfile, bgen, sample []string
	refLast             bool
}

func (b *binaryFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&b.pfile, "pfile", nil, "prefix of a PLINK 2 fileset (.pgen, .pvar, .psam); may have @ and be repeated")
	f.StringArrayVar(&b.bgen, "bgen", nil, "BGEN file, version 1.2 or 1.3; may have @ and be repeated")
	f.StringArrayVar(&b.sample, "sample", nil, "the BGEN file's .sample file; not needed where the BGEN file names its samples; of several BGEN files, one for all, one for each, or with @")
	f.BoolVar(&b.refLast, "ref-last", false, "REF is the second allele in the BGEN file, not the first")
}

// given reports whether there is such an input.
func (b *binaryFlags) given() bool { return named(b.pfile) || named(b.bgen) }

// check refuses flags that make no sense together. Dosages come from the field that a
// VCF would have them in.
func (b *binaryFlags) check(dosage string, regions []string) error {
	flag := "--pfile"
	if named(b.bgen) {
		flag = "--bgen"
	}
	switch {
	case !named(b.bgen) && len(b.sample) > 0:
		return usagef("--sample needs --bgen")
	case len(b.sample) > 1 && len(b.sample) != len(b.bgen):
		return usagef("--sample is given %d times and --bgen %d times; give one for all, or one for each in the same order", len(b.sample), len(b.bgen))
	case !named(b.bgen) && b.refLast:
		return usagef("--ref-last needs --bgen")
	case b.given() && len(regions) > 0:
		return usagef("--region needs --vcf; use --chr with %s", flag)
	case b.given() && dosage != "" && dosage != "DS":
		return usagef("--dosage-field %s needs --vcf; give --dosage-field DS for the dosages of %s", dosage, flag)
	}
	return nil
}

// samples are the .sample files of --bgen, "" for none.
func (b *binaryFlags) samples() []string {
	switch len(b.sample) {
	case 0:
		return make([]string, len(b.bgen))
	case 1:
		return slices.Repeat(b.sample, len(b.bgen))
	}
	return b.sample
}

func (b *binaryFlags) order() bgen.AlleleOrder {
	if b.refLast {
		return bgen.RefLast
	}
	return bgen.RefFirst
}

// orderNote says how BGEN files are read, as nothing in them does.
func (b *binaryFlags) orderNote() string {
	if b.refLast {
		return "BGEN: REF is the second allele (--ref-last)"
	}
	return "BGEN: REF is the first allele; if it is the second, give --ref-last"
}

func (b *binaryFlags) openCalls(file inputFile) (genomics.Source, error) {
	if named(b.pfile) {
		return pgen.Open(file.path)
	}
	return bgen.Open(file.path, file.sample, b.order())
}

func (b *binaryFlags) openDosages(file inputFile) (genomics.DosageSource, error) {
	if named(b.pfile) {
		return pgen.OpenDosages(file.path)
	}
	return bgen.OpenDosages(file.path, file.sample, b.order())
}
