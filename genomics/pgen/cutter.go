package pgen

import (
	"fmt"
	"io"

	"genoveil/genomics"
	"genoveil/genomics/ahead"
)

// negativePos is the reason for passing over variants that PLINK ignores too.
const negativePos = "negative position"

// A raw piece is some variants that follow each other, and where their records are.
type raw struct {
	first    int // number of the first variant, from 1
	variants []genomics.Variant
	skips    []ahead.Skip // why each variant is passed over, if it is
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
	skip   ahead.Skip
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
	if l.skip = c.pvar.skip(&l.Variant); !l.skip.None() {
		l.Variant = genomics.Variant{} // whose text may be long
	} else if l.record.size > longest(c.index.samples) {
		return nil, fmt.Errorf("%s: the record of variant %d has %d bytes, too many for %d samples; the file is damaged, copy it again",
			c.index.name, number, l.record.size, c.index.samples)
	}
	return l, nil
}
