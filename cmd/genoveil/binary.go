package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

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

// checkFlagOf refuses a file whose format has another flag than the one that it was given
// with, --vcf or --bfile.
func checkFlagOf(vcf, bfile string) error {
	if bfile != "" {
		if _, err := os.Stat(bfile + ".bed"); strings.HasSuffix(bfile, ".bed") || !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if _, err := os.Stat(bfile + ".pgen"); err == nil {
			return fmt.Errorf("%s.bed is not there, and %s.pgen is: a PLINK 2 fileset; give it with --pfile %s", bfile, bfile, bfile)
		}
		return checkFormat(bfile)
	}
	if vcf == "" || vcf == "-" {
		return nil
	}
	return checkFormat(vcf)
}

// checkFormat refuses a file that begins as one of a format with a flag of its own. What
// cannot be read here is left to those who read the file.
func checkFormat(path string) error {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	head := make([]byte, 20)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.ErrUnexpectedEOF {
		return nil
	}
	switch head := string(head[:n]); {
	case len(head) == 20 && head[16:] == "bgen":
		return fmt.Errorf("%s is a BGEN file; give it with --bgen %s, and its .sample file with --sample", path, path)
	case strings.HasPrefix(head, "\x6c\x1b\x01"):
		return fmt.Errorf("%s is a PLINK 1 .bed file; give its fileset with --bfile %s", path, strings.TrimSuffix(path, ".bed"))
	case strings.HasPrefix(head, "\x6c\x1b"):
		return fmt.Errorf("%s is a PLINK 2 .pgen file; give its fileset with --pfile %s", path, strings.TrimSuffix(path, ".pgen"))
	case strings.HasPrefix(head, "CRAM"):
		return fmt.Errorf("%s is a CRAM file, with reads and no genotypes; convert it with samtools view -b -T REFERENCE.fa -o %s.bam %s, and give that with --bam",
			path, strings.TrimSuffix(path, ".cram"), path)
	}
	return nil
}
