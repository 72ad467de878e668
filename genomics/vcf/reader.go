// Package vcf reads genotypes and imputed dosages from VCF files: plain text,
// gzip, BGZF or zstd. A line has at most genomics.MaxLine bytes.
//
// Calls are read as PLINK 2 imports them. Phase is ignored. A call with any
// allele missing is missing. A haploid call (X, Y and MT of males, say) counts
// as homozygous: 0 is HomRef and 1 is HomAlt.
package vcf

import (
	"fmt"
	"io"

	"genoveil/genomics"
)

// Reasons for passing over a record, as Skipped reports them.
const (
	multiAllelic     = "more than one ALT allele"
	noAlt            = "no ALT allele"
	symbolicAlt      = "symbolic ALT allele or breakend"
	spanningDeletion = "ALT allele *"
	noGT             = "no GT in FORMAT"
)

// A Reader is a genomics.Source that streams a VCF file. It reads ahead on all
// cores.
type Reader struct{ *records[byte] }

// Open opens a VCF file; the path "-" is standard input.
//
// Where regions are given, only records whose POS lies in one of them are read
// (like bcftools view -t), each once and in the order of the file. A region is
// a chromosome, "chr2", or a 1-based range that includes both ends,
// "chr2:1000-2000"; a chromosome is found however it is
// spelled. Regions need a file compressed with bgzip and its index (.tbi or .csi)
// beside it.
func Open(path string, regions []string) (*Reader, error) {
	s, err := open(path, regions)
	if err != nil {
		return nil, err
	}
	return newReader(s), nil
}

// NewReader reads a VCF from r; name stands for it in error messages.
func NewReader(r io.Reader, name string) (*Reader, error) {
	s, err := newSource(r, name, pieceSize)
	if err != nil {
		return nil, err
	}
	return newReader(s), nil
}

func newReader(s *source) *Reader {
	return &Reader{newRecords(s, genomics.RowLen(len(s.samples)), genotypes(s.samples))}
}

// Next reads the next biallelic record that has genotypes, as genomics.Source
// says. An error names the file and the line; it ends the reading, and every
// later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error { return r.next(v, row) }

// genotypes reads rows of genotypes.
func genotypes(samples []string) rowReader[byte] {
	return func(rec record, row []byte) (skip string, err error) {
		gt, err := rec.gtPlace()
		if err != nil {
			return "", err
		}
		if gt == absent {
			return noGT, nil
		}
		if err := rec.checkAlleles(); err != nil {
			return "", err
		}
		if sample, problem := readCalls(rec.calls, row, len(samples)); problem != "" {
			return "", sampleError(samples, sample, fmt.Errorf("call %q %s", callOf(column(rec.calls, sample)), problem))
		}
		return "", nil
	}
}

// sampleError is an error about a sample's column.
func sampleError(samples []string, sample int, err error) error {
	return fmt.Errorf("column %d (sample %s): %w", len(fixedColumns)+sample+1, samples[sample], err)
}
