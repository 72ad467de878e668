package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"genoveil/genomics"
	"genoveil/genomics/pheno"
	"genoveil/genomics/vcf"
)

// plinkCode is the two-bit code of a genotype in a .bed file whose A1 is ALT.
var plinkCode = [4]byte{genomics.HomRef: 3, genomics.Het: 2, genomics.HomAlt: 0, genomics.Missing: 1}

// writeFileset writes the first variants of a source as the PLINK 1 fileset
// prefix.bed, .bim and .fam. All variants of the source are written if it ends
// earlier.
func writeFileset(prefix string, source genomics.Source, status []pheno.Status, variants int) error {
	var files [3]*os.File
	var out [3]*bufio.Writer
	for i, suffix := range []string{".bed", ".bim", ".fam"} {
		f, err := os.Create(prefix + suffix)
		if err != nil {
			return err
		}
		defer f.Close()
		files[i], out[i] = f, bufio.NewWriter(f)
	}
	bed, bim, fam := out[0], out[1], out[2]
	code := [...]string{pheno.Absent: "-9", pheno.Control: "1", pheno.Case: "2"}
	for i, sample := range source.Samples() {
		fmt.Fprintf(fam, "0\t%s\t0\t0\t0\t%s\n", sample, code[status[i]])
	}
	bed.Write([]byte{0x6c, 0x1b, 1}) // magic number; variant by variant
	n := len(source.Samples())
	row, codes := make(genomics.Row, genomics.RowLen(n)), make([]byte, genomics.RowLen(n))
	var v genomics.Variant
	for range variants {
		err := source.Next(&v, row)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(bim, "%s\t%s\t0\t%d\t%s\t%s\n", v.Chrom, v.ID, v.Pos, v.Alt, v.Ref)
		clear(codes)
		for i := range n {
			codes[i/4] |= plinkCode[row.At(i)] << (2 * (i % 4))
		}
		bed.Write(codes)
	}
	var errs []error
	for i := range out {
		errs = append(errs, out[i].Flush(), files[i].Close())
	}
	return errors.Join(errs...)
}

// convert writes a fileset from a VCF and a table with the trait CASE.
func convert(prefix, vcfPath, phenoPath string, variants int) error {
	source, err := vcf.Open(vcfPath, nil)
	if err != nil {
		return err
	}
	defer source.Close()
	table, err := pheno.Read(phenoPath)
	if err != nil {
		return err
	}
	status, _, err := table.CaseControl("CASE", source.Samples())
	if err != nil {
		return err
	}
	return writeFileset(prefix, source, status, variants)
}
