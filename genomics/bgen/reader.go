// Package bgen reads imputed genotypes from BGEN files (versions 1.2 and 1.3, layout 2,
// www.well.ox.ac.uk/~gav/bgen_format) with their .sample files: as dosages, or as calls.
//
// Only variants with two alleles are read, and only those whose samples are all diploid
// or haploid; the others are passed over. Phase is ignored. A haploid sample counts as
// homozygous, as in a VCF.
package bgen

import (
	"bufio"
	"fmt"
	"os"

	"genoveil/genomics"
	"genoveil/genomics/ahead"
)

// An AlleleOrder says which of a variant's two alleles is REF. A BGEN file does not say.
type AlleleOrder int

const (
	RefFirst AlleleOrder = iota // as UK Biobank and QCTOOL have it
	RefLast                     // as PLINK 2 exports it by default
)

// A Reader is a genomics.Source that streams calls made of the probabilities of a BGEN
// file. It reads ahead on all cores.
//
// They are those of PLINK 2 by default: a call is that nearest to the dosage, and missing
// if it is farther than 0.1 from it, where dosages are rounded to 1/16384.
type Reader struct{ *file[byte] }

// Open opens a BGEN file. Samples are named by the .sample file, which has to fit the
// identifiers in the BGEN file if there are any, or by those where its path is "".
func Open(path, samplePath string, order AlleleOrder) (*Reader, error) {
	f, err := open[byte](path, samplePath)
	if err != nil {
		return nil, err
	}
	n := len(f.samples)
	values := func() func(*decoder, []byte, bool, []byte) (string, error) {
		values := make([]uint16, n)
		return func(d *decoder, data []byte, whole bool, row []byte) (string, error) {
			skip, err := d.decode(data, whole, values)
			if err == nil && skip == "" {
				pack(values, row)
			}
			return skip, err
		}
	}
	width := genomics.RowLen(n)
	f.start(order, width, width, call, uint16(genomics.Missing), values)
	return &Reader{f}, nil
}

// pack packs calls into a row.
func pack(calls []uint16, row genomics.Row) {
	clear(row)
	for i, g := range calls {
		row[i>>2] |= byte(g) << (2 * (i & 3))
	}
}

// Next reads the next variant, as genomics.Source says. An error names the file and the
// variant; it ends the reading, and every later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error { return r.variants.Next(v, row) }

// A DosageReader is a genomics.DosageSource that streams the ALT dosages of a BGEN file,
// rounded exactly to thousandths. It reads ahead on all cores.
type DosageReader struct{ *file[uint16] }

// OpenDosages opens a BGEN file as Open does, to read dosages.
func OpenDosages(path, samplePath string, order AlleleOrder) (*DosageReader, error) {
	f, err := open[uint16](path, samplePath)
	if err != nil {
		return nil, err
	}
	n := len(f.samples)
	f.start(order, n, 2*n, thousandths, genomics.MissingDosage, func() func(*decoder, []byte, bool, []uint16) (string, error) {
		return (*decoder).decode
	})
	return &DosageReader{f}, nil
}

// NextDosages reads the next variant, as genomics.DosageSource says. An error names the
// file and the variant; it ends the reading, and every later call returns it again.
func (r *DosageReader) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return r.variants.Next(v, row)
}

// A file is what readers of calls and of dosages have in common.
type file[T byte | uint16] struct {
	file     *os.File
	size     int64
	in       *bufio.Reader
	header   *header
	samples  []string
	variants *ahead.Variants[T, raw]
}

// Samples returns the sample names.
func (f *file[T]) Samples() []string { return f.samples }

// Skipped says how many variants were passed over so far, by reason.
func (f *file[T]) Skipped() map[string]int { return f.variants.Skipped() }

// Close closes the file.
func (f *file[T]) Close() error {
	f.variants.Close()
	return f.file.Close()
}

// bufferSize holds the longest text but alleles.
const bufferSize = 1 << 17

func open[T byte | uint16](path, samplePath string) (*file[T], error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file; give a BGEN file on disk", path)
	}
	f := new(file[T])
	if f.file, err = os.Open(path); err != nil {
		return nil, err
	}
	if err := f.readHeader(path, samplePath); err != nil {
		f.file.Close()
		return nil, err
	}
	return f, nil
}

func (f *file[T]) readHeader(path, samplePath string) error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	f.size = info.Size()
	f.in = bufio.NewReaderSize(f.file, bufferSize)
	if f.header, err = readHeader(path, f.in, f.size); err != nil {
		return err
	}
	f.samples, err = f.header.samplesOf(path, samplePath)
	return err
}

// start prepares to read rows of a width, of so many bytes. Each worker has a function
// that makes a row of data.
func (f *file[T]) start(order AlleleOrder, width, bytes int, round rounding, absent uint16, reader func() func(*decoder, []byte, bool, []T) (string, error)) {
	n, name := len(f.samples), f.file.Name()
	cut := &cutter{
		name: name, in: f.in, at: f.header.first, size: f.size, compression: f.header.compression,
		variants: int(f.header.variants), samples: n, rowBytes: bytes, refLast: order == RefLast,
	}
	f.variants = ahead.New(cut.next, func() func(*ahead.Piece[T, raw]) error {
		z := &inflater{compression: f.header.compression, most: most(n)}
		d := &decoder{n: n, absent: absent, scale: scale{refLast: order == RefLast, round: round}}
		read := reader()
		return func(p *ahead.Piece[T, raw]) error {
			for _, v := range p.Raw.variants {
				if !v.skip.None() {
					p.Skip(v.skip)
					continue
				}
				row := p.Add(v.Variant, width)
				skip := ""
				data, err := z.inflate(p.Raw.data[v.from:v.to], v.length)
				if err == nil {
					skip, err = read(d, data, v.length <= z.most, row)
				}
				if err != nil {
					p.Drop(width)
					return v.errorf(name, "%w", err)
				}
				if skip != "" {
					p.Drop(width)
					p.Skip(ahead.Skip{Reason: skip, Detail: fmt.Sprintf("variant %d (byte %d)", v.number, v.at)})
				}
			}
			return nil
		}
	})
}
