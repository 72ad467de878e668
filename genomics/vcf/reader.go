// Package vcf reads genotypes and imputed dosages from VCF files: plain text,
// gzip, BGZF or zstd. A line has at most genomics.MaxLine bytes.
//
// Calls are read as PLINK 2 imports them. Phase is ignored. A call of which one allele
// is missing ends the reading, unless [HalfCalls] say what it is. A call with more than
// two alleles is missing. A haploid call (for example on X, Y and MT of males) counts as
// homozygous: 0 is HomRef and 1 is HomAlt.
//
// Odd records, of which PLINK 2 would read some, are passed over and counted. What makes
// the file itself doubtful ends the reading: another number of columns, a second header.
package vcf

import (
	"errors"
	"fmt"
	"io"

	"genoveil/genomics"
)

// noGT is a reason for passing over a record, beside those of genomics.SkipAlt.
const noGT = "no GT in FORMAT"

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
	r := &Reader{newRecords[byte](s, genomics.RowLen(len(s.samples)))}
	r.HalfCalls(HalfError)
	return r
}

// HalfCalls says what calls with one missing allele are. It is to be called before Next.
func (r *Reader) HalfCalls(half HalfCalls) { r.parser.read = genotypes(r.samples, half) }

// Next reads the next biallelic record that has genotypes, as genomics.Source
// says. An error names the file and the line; it ends the reading, and every
// later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error { return r.next(v, row) }

// genotypes reads rows of genotypes.
func genotypes(samples []string, half HalfCalls) rowReader[byte] {
	asHalf := halfReason(half)
	return func(rec record, row []byte, n *notes) (oddity, error) {
		gt, odd := rec.gtPlace()
		if !odd.none() {
			return odd, nil
		}
		if gt == absent {
			return oddity{noGT, withoutGT(rec.format)}, nil
		}
		if odd := rec.checkAlleles(); !odd.none() {
			return odd, nil
		}
		kind, sample, call := readCalls(rec.calls, row, len(samples), half, func(kind callKind, sample int, call []byte) {
			n.addCall(kind, asHalf, samples, sample, call)
		})
		return badCall(kind, samples, sample, call)
	}
}

// withoutGT says what FORMAT has in place of GT.
func withoutGT(format []byte) string {
	for _, field := range DosageFields {
		if keyPlace(format, field) != absent {
			return fmt.Sprintf("it has %s, which --dosage-field %s reads", field, field)
		}
	}
	return fmt.Sprintf("FORMAT is %q", shorten(format))
}

// addCall notes an odd call that is read all the same. asHalf is for half-calls.
func (n *notes) addCall(kind callKind, asHalf string, samples []string, sample int, column []byte) {
	reason := polyploid
	if kind == halfCall {
		reason = asHalf
	}
	n.add(reason, func() string {
		return sampleError(samples, sample, fmt.Errorf("%q", callOf(column))).Error()
	})
}

// halfReason notes half-calls that are read.
func halfReason(half HalfCalls) string { return "half-calls, read as --half-call " + string(half) }

// badCall is what becomes of a record with a bad call: half-calls that nobody has said
// the meaning of end the reading, as in PLINK, for they are rarely few.
func badCall(kind callKind, samples []string, sample int, column []byte) (oddity, error) {
	if kind == usual {
		return oddity{}, nil
	}
	err := sampleError(samples, sample, errors.New(kind.problem(column)))
	if kind == halfCall {
		return oddity{}, err
	}
	return oddity{oddCall, err.Error()}, nil
}

// sampleError is an error about a sample's column.
func sampleError(samples []string, sample int, err error) error {
	return fmt.Errorf("column %d (sample %s): %w", len(fixedColumns)+sample+1, samples[sample], err)
}
