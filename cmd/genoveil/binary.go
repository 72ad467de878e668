package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

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

// checkFlagOf refuses a file whose format has another flag than the one that it was given
// with, --vcf or, for a prefix, --bfile.
func checkFlagOf(path string, isPrefix bool) error {
	if bfile := path; isPrefix {
		if _, err := os.Stat(bfile + ".bed"); strings.HasSuffix(bfile, ".bed") || !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if _, err := os.Stat(bfile + ".pgen"); err == nil {
			return fmt.Errorf("%s.bed is not there, and %s.pgen is: a PLINK 2 fileset; give it with --pfile %s", bfile, bfile, bfile)
		}
		return checkFormat(bfile)
	}
	if path == "-" {
		return nil
	}
	return checkFormat(path)
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
