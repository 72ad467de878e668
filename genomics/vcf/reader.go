// Package vcf reads genotypes from VCF files: plain text, gzip or BGZF.
//
// Calls are read as PLINK 2 imports them. Phase is ignored. A call with any
// allele missing is missing. A haploid call (X, Y and MT of males, say) counts
// as homozygous: 0 is HomRef and 1 is HomAlt.
package vcf

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"

	"genoveil/genomics"

	"github.com/biogo/hts/bgzf"
)

// Reasons for passing over a record, as Skipped reports them.
const (
	multiAllelic     = "more than one ALT allele"
	noAlt            = "no ALT allele"
	symbolicAlt      = "symbolic ALT allele or breakend"
	spanningDeletion = "ALT allele *"
	noGT             = "no GT in FORMAT"
)

// A Reader is a genomics.Source that streams a VCF file.
type Reader struct {
	name    string
	file    *os.File // nil where the caller owns the input
	bgzf    *bgzf.Reader
	lines   lines
	regions *regions // nil where the whole file is read
	samples []string
	skipped map[string]int
	chrom   string // of the last record, so that its string is made once
	err     error  // ends every later Next
}

// Open opens a VCF file; the path "-" is standard input.
//
// Where regions are given, only records whose POS lies in one of them are read
// (like bcftools view -t), each once and in the order of the file. A region is
// a chromosome, "chr2", or a 1-based range that includes both ends,
// "chr2:1000-2000"; a chromosome is found with or without "chr" before its
// name. Regions need a file compressed with bgzip and its index (.tbi or .csi)
// beside it.
func Open(path string, regions []string) (*Reader, error) {
	if path == "-" {
		if len(regions) > 0 {
			return nil, errors.New("standard input: regions need an indexed file; write the VCF to a file and index it with tabix -p vcf")
		}
		return NewReader(os.Stdin, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := openFile(file, regions)
	if err != nil {
		file.Close()
		return nil, err
	}
	r.file = file
	return r, nil
}

func openFile(file *os.File, regions []string) (*Reader, error) {
	path := file.Name()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder, not a VCF file", path)
	}
	// A pipe can be read only once, so its end is checked when it comes.
	if info.Mode().IsRegular() {
		if err := checkEndMarker(file); err != nil {
			return nil, err
		}
	}
	if len(regions) == 0 {
		return NewReader(file, path)
	}
	return newRegionReader(file, regions)
}

// NewReader reads a VCF from r; name stands for it in error messages.
func NewReader(r io.Reader, name string) (*Reader, error) {
	text, blocks, err := decompress(r)
	if err != nil {
		return nil, readError(name, 0, err)
	}
	return newReader(text, blocks, name)
}

func newReader(text io.Reader, blocks *bgzf.Reader, name string) (*Reader, error) {
	r := &Reader{name: name, bgzf: blocks, lines: lines{src: text}, skipped: map[string]int{}}
	if err := r.readHeader(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Samples returns the sample names of the header.
func (r *Reader) Samples() []string { return r.samples }

// Skipped says how many records were passed over so far, by reason.
func (r *Reader) Skipped() map[string]int { return maps.Clone(r.skipped) }

// Close ends the reading. It leaves the reader that NewReader was given open.
func (r *Reader) Close() error {
	if r.bgzf != nil {
		// It returns the error that ended the reading, which Next has returned.
		r.bgzf.Close()
		r.bgzf = nil
	}
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// Next reads the next biallelic record that has genotypes, as genomics.Source
// says. An error names the file and the line; it ends the reading, and every
// later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error {
	for r.err == nil {
		var line []byte
		if line, r.err = r.nextLine(); r.err != nil {
			break
		}
		var rec record
		if rec, r.err = r.splitLine(line); r.err != nil {
			break
		}
		if r.regions != nil {
			var inside bool
			if inside, r.err = r.followRegions(rec); r.err != nil {
				break
			}
			if !inside {
				continue
			}
		}
		var used bool
		if used, r.err = r.readRecord(rec, v, row); used {
			return nil
		}
	}
	return r.err
}

// nextLine returns the next line of the file or io.EOF.
func (r *Reader) nextLine() ([]byte, error) {
	line, err := r.lines.next()
	if err != nil && err != io.EOF {
		return nil, readError(r.name, r.lines.number, err)
	}
	return line, err
}

// errorf makes an error about the line read last. After a jump to a region
// its number in the file is not known, so it is counted from the jump.
func (r *Reader) errorf(format string, args ...any) error {
	what := fmt.Sprintf(format, args...)
	if r.regions == nil {
		return fmt.Errorf("%s, line %d: %s", r.name, r.lines.number, what)
	}
	if r.regions.fresh {
		what += "; if its index is older than the file, run tabix -f -p vcf " + r.name
	}
	return fmt.Errorf("%s, line %d of those read for region %s: %s", r.name, r.lines.number, r.regions.current(), what)
}
