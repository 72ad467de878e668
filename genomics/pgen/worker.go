package pgen

import (
	"fmt"

	"genoveil/genomics"
	"genoveil/genomics/ahead"
)

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
	if len(r.records) == 1 && !r.skips[0].None() {
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
		if !r.skips[i].None() {
			p.Skip(r.skips[i])
			if !isBase {
				continue
			}
		}
		c := &cursor{data[rec.at-first.at:]}
		c.rest = c.rest[:min(rec.size, int64(len(c.rest)))]
		err := w.genotypes(rec.kind, c, w.calls, w.base)
		if err == nil && r.skips[i].None() {
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
