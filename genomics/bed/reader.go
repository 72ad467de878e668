// Package bed reads genotypes from PLINK 1 filesets (.bed, .bim and .fam).
//
// As in PLINK 2, REF is the .bim file's A2 (column 6) and ALT is its A1
// (column 5). An unknown allele is genomics.UnknownAllele, as in the .bim file. Variants
// with other alleles than a VCF may have, such as I and D, are passed over.
package bed

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"genoveil/genomics"
)

// negativePos is the reason for passing over variants that PLINK ignores too.
const negativePos = "negative position"

const (
	magic           = "\x6c\x1b"
	variantMajor    = 1
	individualMajor = 0
	headerSize      = 3
)

// bufferSize is how much of the .bed file is read at a time, in bytes.
const bufferSize = 1 << 20

// A Reader is a genomics.Source that streams a fileset.
type Reader struct {
	files   []*os.File // to be closed
	bedName string
	bed     *bufio.Reader
	bim     table
	samples []string
	fids    []string
	skipped map[string]int
	first   string // of the variants with odd alleles: where it is, and what
	err     error  // ends every later Next
}

// Files returns the paths of the files that Open reads.
func Files(prefixOrBedPath string) []string {
	prefix := strings.TrimSuffix(prefixOrBedPath, ".bed")
	return []string{prefix + ".bed", prefix + ".bim", prefix + ".fam"}
}

// Open opens the fileset prefix.bed, prefix.bim and prefix.fam, given its
// prefix or the path of its .bed file. The .bim file is read once as a whole
// to find errors and a .bed file of another size before any work is done.
func Open(prefixOrBedPath string) (*Reader, error) {
	prefix := strings.TrimSuffix(prefixOrBedPath, ".bed")
	var files [3]*os.File
	for i, path := range Files(prefix) {
		file, err := os.Open(path)
		if err != nil {
			closeAll(files[:i])
			return nil, err
		}
		files[i] = file
	}
	r, err := newReader(prefix, files[0], files[1], files[2])
	if err != nil {
		closeAll(files[:])
		return nil, err
	}
	r.files = files[:]
	return r, nil
}

func closeAll(files []*os.File) error {
	var first error
	for _, file := range files {
		if err := file.Close(); first == nil {
			first = err
		}
	}
	return first
}

func newReader(prefix string, bed, bim io.ReadSeeker, fam io.Reader) (*Reader, error) {
	r := &Reader{bedName: prefix + ".bed", skipped: map[string]int{}}
	var err error
	if r.samples, r.fids, err = readFam(prefix+".fam", fam); err != nil {
		return nil, err
	}
	variants, err := countVariants(prefix+".bim", bim)
	if err != nil {
		return nil, err
	}
	if err := r.checkBed(bed, variants); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		io.Seeker
		offset int64
	}{{bed, headerSize}, {bim, 0}} {
		if _, err := file.Seek(file.offset, io.SeekStart); err != nil {
			return nil, err
		}
	}
	r.bed = bufio.NewReaderSize(bed, bufferSize)
	r.bim = newTable(prefix+".bim", bim)
	return r, nil
}

// checkBed checks the header and the size of the .bed file.
func (r *Reader) checkBed(bed io.ReadSeeker, variants int) error {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(bed, header); err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return fmt.Errorf("%s: %w", r.bedName, err)
	}
	switch {
	case string(header[:2]) != magic || header[2] > variantMajor:
		return fmt.Errorf("%s is not a PLINK 1 .bed file: it begins with % x", r.bedName, header)
	case header[2] == individualMajor:
		return fmt.Errorf("%s is stored sample by sample (individual-major); convert it with plink --bfile %s --make-bed --out NEW",
			r.bedName, strings.TrimSuffix(r.bedName, ".bed"))
	}
	found, err := bed.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("%s: %w", r.bedName, err)
	}
	if want := headerSize + int64(variants)*int64(genomics.RowLen(len(r.samples))); found != want {
		return fmt.Errorf("%s has %d bytes instead of the %d of %d variants and %d samples; do the three files belong together?",
			r.bedName, found, want, variants, len(r.samples))
	}
	return nil
}

// Samples returns the sample names (IID).
func (r *Reader) Samples() []string { return r.samples }

// FIDs returns the samples' family names, in the order of Samples.
func (r *Reader) FIDs() []string { return r.fids }

// Skipped says how many variants were passed over so far, by reason. Of odd alleles it
// says which are the first.
func (r *Reader) Skipped() map[string]int {
	all := maps.Clone(r.skipped)
	if n, ok := all[genomics.OddAlleles]; ok {
		delete(all, genomics.OddAlleles)
		all[genomics.OddAlleles+r.first] = n
	}
	return all
}

// Close closes the files.
func (r *Reader) Close() error { return closeAll(r.files) }

// Next reads the next variant, as genomics.Source says. An error ends the
// reading, and every later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error {
	for r.err == nil {
		if *v, r.err = r.bim.nextVariant(); r.err != nil {
			break
		}
		if _, err := io.ReadFull(r.bed, row); err != nil {
			r.err = fmt.Errorf("%s: cannot read the genotypes of variant %d: %w", r.bedName, r.bim.Number(), err)
			break
		}
		if reason := r.skip(v); reason != "" {
			r.skipped[reason]++
			continue
		}
		decode(row, len(r.samples))
		return nil
	}
	return r.err
}

// skip says why a variant is passed over, or "".
func (r *Reader) skip(v *genomics.Variant) string {
	if v.Pos < 0 {
		return negativePos
	}
	if reason := genomics.SkipAlt(v.Alt); reason != "" {
		return reason
	}
	for _, allele := range []string{v.Ref, v.Alt} {
		if allele == genomics.UnknownAllele || genomics.IsSequence(allele) {
			continue
		}
		if r.first == "" {
			r.first = fmt.Sprintf("; the first in line %d: %.20q", r.bim.Number(), allele)
		}
		return genomics.OddAlleles
	}
	return ""
}
