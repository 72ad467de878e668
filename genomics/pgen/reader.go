// Package pgen reads genotypes and dosages from PLINK 2 filesets (.pgen, .pvar and
// .psam), in all storage modes and kinds of records of the PLINK 2 File Format
// Specification (draft of 2024, github.com/chrchang/plink-ng, pgen_spec).
//
// Only variants with one ALT allele are read; the others are passed over, and no more is
// read of them than what biallelic variants refer to. Phase is ignored. Calls and
// dosages of X, Y and MT are as they are stored: a haploid call counts as homozygous.
// REF is the file's, also where it is marked as provisional. An unknown REF, . or 0
// in the file, becomes N, as PLINK 2 writes it to VCF.
package pgen

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/ahead"
)

// negativePos is the reason for passing over variants that PLINK ignores too.
const negativePos = "negative position"

// A Reader is a genomics.Source that streams the calls of a fileset. It reads ahead on
// all cores.
type Reader struct{ *fileset[byte] }

// Open opens a fileset, given its prefix or the path of its .pgen file. Beside that are
// .pvar, .pvar.zst, .pvar.gz or .bim, and .psam or .fam: of each, the first that there is
// is read. The file of variants is read once as a whole to find errors, and the others of
// another size, before any work is done.
func Open(prefixOrPgenPath string) (*Reader, error) {
	f, err := open[byte](prefixOrPgenPath)
	if err != nil {
		return nil, err
	}
	width := genomics.RowLen(len(f.samples))
	f.start(width, width, func(d *decoder, k kind, c *cursor, calls genomics.Row, row []byte) error {
		copy(row, calls)
		return d.rest(k, c, calls, nil)
	})
	return &Reader{f}, nil
}

// Next reads the next variant, as genomics.Source says. An error ends the reading, and
// every later call returns it again.
func (r *Reader) Next(v *genomics.Variant, row genomics.Row) error { return r.variants.Next(v, row) }

// A DosageReader is a genomics.DosageSource that streams the dosages of a fileset. It
// reads ahead on all cores.
//
// PLINK stores dosages in steps of 1/16384. They are rounded to the nearest thousandth,
// and a half up, which only 0.0625 and every 0.125 above it have. A sample without a
// dosage has that of its call: 0, 1, 2 or missing.
type DosageReader struct{ *fileset[uint16] }

// OpenDosages opens a fileset as Open does, to read dosages.
func OpenDosages(prefixOrPgenPath string) (*DosageReader, error) {
	f, err := open[uint16](prefixOrPgenPath)
	if err != nil {
		return nil, err
	}
	n := len(f.samples)
	f.start(n, 2*n, func(d *decoder, k kind, c *cursor, calls genomics.Row, row []uint16) error {
		return d.rest(k, c, calls, row)
	})
	return &DosageReader{f}, nil
}

// NextDosages reads the next variant, as genomics.DosageSource says. An error ends the
// reading, and every later call returns it again.
func (r *DosageReader) NextDosages(v *genomics.Variant, row genomics.DosageRow) error {
	return r.variants.Next(v, row)
}

// A fileset is what readers of calls and of dosages have in common.
type fileset[T byte | uint16] struct {
	files    []*os.File
	samples  []string
	index    *index
	pvar     *pvar
	variants *ahead.Variants[T, raw]
}

// Samples returns the sample names (IID).
func (f *fileset[T]) Samples() []string { return f.samples }

// Skipped says how many variants were passed over so far, by reason.
func (f *fileset[T]) Skipped() map[string]int { return f.variants.Skipped() }

// Close closes the files.
func (f *fileset[T]) Close() error {
	f.variants.Close()
	return f.closeFiles()
}

func (f *fileset[T]) closeFiles() error {
	var errs []error
	if f.pvar != nil {
		errs = append(errs, f.pvar.Close())
	}
	for _, file := range f.files {
		errs = append(errs, file.Close())
	}
	return errors.Join(errs...)
}

// Suffixes of the files, of which the first that there is is read.
var (
	variantSuffixes = []string{".pvar", ".pvar.zst", ".pvar.gz", ".bim"}
	sampleSuffixes  = []string{".psam", ".fam"}
)

const (
	pgenSuffix  = ".pgen"
	indexSuffix = ".pgen.pgi"
)

func prefixOf(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(path, ".pgi"), pgenSuffix)
}

// Files returns the paths of the files that Open reads, or would read if they were there.
func Files(prefixOrPgenPath string) []string {
	prefix := prefixOf(prefixOrPgenPath)
	return []string{prefix + pgenSuffix, firstOf(prefix, variantSuffixes), firstOf(prefix, sampleSuffixes), prefix + indexSuffix}
}

// firstOf returns the path of the first file that there is.
func firstOf(prefix string, suffixes []string) string {
	for _, suffix := range suffixes {
		if _, err := os.Stat(prefix + suffix); !errors.Is(err, fs.ErrNotExist) {
			return prefix + suffix
		}
	}
	return prefix + suffixes[0]
}

func open[T byte | uint16](path string) (*fileset[T], error) {
	f := new(fileset[T])
	if err := f.open(Files(path)); err != nil {
		f.closeFiles()
		return nil, err
	}
	return f, nil
}

func (f *fileset[T]) open(paths []string) (err error) {
	pgen, err := f.openPart(paths[0])
	if err != nil {
		return err
	}
	f.index, err = openIndex(pgen, func() (part, error) { return f.openPart(paths[3]) })
	if err != nil {
		return err
	}
	x := f.index
	if f.samples, err = readPsam(paths[2], x.samples); err != nil {
		return err
	}
	if err := x.checkCount("samples", x.samples, len(f.samples), paths[2]); err != nil {
		return err
	}
	if err := checkRegular(paths[1]); err != nil {
		return err
	}
	variants, err := countVariants(paths[1], x.variants)
	if err != nil {
		return err
	}
	if err := x.checkCount("variants", x.variants, variants, paths[1]); err != nil {
		return err
	}
	if err := x.read(variants, len(f.samples)); err != nil {
		return err
	}
	f.pvar, err = openPvar(paths[1])
	return err
}

func (f *fileset[T]) openPart(path string) (part, error) {
	if err := checkRegular(path); err != nil {
		return part{}, err
	}
	file, err := os.Open(path)
	if err != nil {
		return part{}, err
	}
	f.files = append(f.files, file)
	info, err := file.Stat()
	if err != nil {
		return part{}, err
	}
	return part{path, file, info.Size()}, nil
}

// checkRegular refuses a pipe, which can be read only once. What is not there is found
// when it is opened.
func checkRegular(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no regular file; give one on disk, as it is read more than once", path)
	}
	return nil
}

// A rowReader makes the row of a biallelic variant of its calls and of what follows them
// in its record.
type rowReader[T byte | uint16] func(d *decoder, k kind, c *cursor, calls genomics.Row, row []T) error

// start prepares to read rows of a width, of so many bytes.
func (f *fileset[T]) start(width, bytes int, read rowReader[T]) {
	cut := &cutter{index: f.index, pvar: f.pvar, rowBytes: bytes}
	n := len(f.samples)
	f.variants = ahead.New(cut.next, func() func(*ahead.Piece[T, raw]) error {
		w := &worker[T]{pgen: f.index.pgen, width: width, read: read}
		w.n = n
		w.calls, w.base = make(genomics.Row, genomics.RowLen(n)), make(genomics.Row, genomics.RowLen(n))
		return w.decode
	})
}

// A raw piece is some variants that follow each other, and where their records are.
type raw struct {
	first    int // number of the first variant, from 1
	variants []genomics.Variant
	skips    []string // why each variant is passed over, or ""
	records  []record
	base     *record // before these, to which the first refer
}

// pieceSize is the size of a piece's records, and that of its rows and variants, in bytes.
// A single variant may have more.
const (
	pieceSize   = 1 << 19
	variantSize = 100 // besides its text
)

// A cutter cuts a fileset into pieces.
type cutter struct {
	index    *index
	pvar     *pvar
	rowBytes int

	block   int // to be read next
	records []record
	base    *record // the last that is no difference
	waiting *line   // read, and not in a piece yet
}

// A line is a variant with its place in the file.
type line struct {
	genomics.Variant
	skip   string
	record record
}

// next replaces raw by the next piece.
func (c *cutter) next(r *raw) error {
	*r = raw{variants: r.variants[:0], skips: r.skips[:0], records: r.records[:0], base: c.base}
	size, made := int64(0), 0
	for {
		if c.waiting == nil {
			l, err := c.line()
			if err != nil {
				return err
			}
			c.waiting = l
		}
		l := c.waiting
		makes := c.rowBytes + variantSize + len(l.ID) + len(l.Ref) + len(l.Alt)
		long := l.record.size > longest(c.index.samples)
		if n := len(r.records); n > 0 {
			last := r.records[n-1]
			if long || size+l.record.size > pieceSize || made+makes > pieceSize || last.at+last.size != l.record.at {
				return nil
			}
		} else {
			r.first = c.pvar.number
		}
		c.waiting = nil
		if !l.record.kind.isDifference() {
			c.base = &l.record
		}
		r.variants, r.skips, r.records = append(r.variants, l.Variant), append(r.skips, l.skip), append(r.records, l.record)
		size += l.record.size
		made += makes
		if long {
			return nil
		}
	}
}

// line reads the next line of the file of variants.
func (c *cutter) line() (*line, error) {
	l := new(line)
	alts, err := c.pvar.nextVariant(&l.Variant)
	number := c.pvar.number
	switch {
	case err == io.EOF && number < c.index.variants, err == nil && number > c.index.variants:
		return nil, fmt.Errorf("%s changed while it was read; start again", c.pvar.Name())
	case err != nil:
		return nil, err
	}
	if len(c.records) == 0 {
		if c.records, err = c.index.block(c.block); err != nil {
			return nil, err
		}
		c.block++
	}
	l.record, c.records = c.records[0], c.records[1:]
	if l.record.alts > 0 && l.record.alts != alts {
		return nil, fmt.Errorf("%s has %d ALT alleles for variant %d, and %s, line %d, has %d; do the files belong together?",
			c.index.name, l.record.alts, number, c.pvar.Name(), c.pvar.Number(), alts)
	}
	l.skip = genomics.SkipAlt(l.Alt)
	if l.Pos < 0 {
		l.skip = negativePos
	}
	if l.skip != "" {
		l.Variant = genomics.Variant{} // whose text may be long
	} else if l.record.size > longest(c.index.samples) {
		return nil, fmt.Errorf("%s: the record of variant %d has %d bytes, which is too much for %d samples; the file is damaged, copy it again",
			c.index.name, number, l.record.size, c.index.samples)
	}
	return l, nil
}

// A worker makes rows of records.
type worker[T byte | uint16] struct {
	decoder
	pgen        part
	width       int
	read        rowReader[T]
	data        []byte
	calls, base genomics.Row
}

func (w *worker[T]) decode(p *ahead.Piece[T, raw]) error {
	r := &p.Raw
	if len(r.records) == 0 {
		return nil
	}
	if len(r.records) == 1 && r.skips[0] != "" {
		p.Skip(r.skips[0])
		return nil
	}
	if r.records[0].kind.isDifference() {
		data, err := w.load(*r.base, r.base.size)
		if err == nil {
			err = w.genotypes(r.base.kind, &cursor{data}, w.base, nil)
		}
		if err != nil {
			return w.errorf(r.first, r.records[0], "the record that it refers to, at byte %d: %w", r.base.at, err)
		}
	}
	first, last := r.records[0], r.records[len(r.records)-1]
	data, err := w.load(first, last.at+last.size-first.at)
	if err != nil {
		return w.errorf(r.first, first, "%w", err)
	}
	for i, rec := range r.records {
		isBase := !rec.kind.isDifference() && i+1 < len(r.records) && r.records[i+1].kind.isDifference()
		if r.skips[i] != "" {
			p.Skip(r.skips[i])
			if !isBase {
				continue
			}
		}
		c := &cursor{data[rec.at-first.at:]}
		c.rest = c.rest[:min(rec.size, int64(len(c.rest)))]
		err := w.genotypes(rec.kind, c, w.calls, w.base)
		if err == nil && r.skips[i] == "" {
			row := p.Add(r.variants[i], w.width)
			if err = w.read(&w.decoder, rec.kind, c, w.calls, row); err != nil {
				p.Drop(w.width)
			}
		}
		if err != nil {
			return w.errorf(r.first+i, rec, "%w", err)
		}
		if isBase {
			copy(w.base, w.calls)
		}
	}
	return nil
}

// load reads some bytes from a record on; of a record of many alleles no more than its
// genotypes have.
func (w *worker[T]) load(from record, size int64) ([]byte, error) {
	size = min(size, max(pieceSize, longest(w.n)))
	if int64(cap(w.data)) < size {
		w.data = make([]byte, size)
	}
	w.data = w.data[:size]
	if _, err := w.pgen.data.ReadAt(w.data, from.at); err != nil {
		return nil, noEOF(err)
	}
	return w.data, nil
}

// errorf is an error about the record of a variant.
func (w *worker[T]) errorf(number int, rec record, format string, args ...any) error {
	return fmt.Errorf("%s, variant %d (byte %d): %w; copy the file again, and check it with plink2 --pfile %s --validate",
		w.pgen.name, number, rec.at, fmt.Errorf(format, args...), prefixOf(w.pgen.name))
}
