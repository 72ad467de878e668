package bgen

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"genoveil/genomics"
	"genoveil/genomics/ahead"
)

// A raw piece is some variants that follow each other, with their compressed data.
type raw struct {
	variants []stored
	data     []byte
}

// A stored variant has its data in a piece.
type stored struct {
	genomics.Variant
	skip     ahead.Skip // why it is passed over, if it is
	number   int        // from 1
	at       int64      // where it begins in the file
	from, to int        // of the data in the piece
	length   int64      // once uncompressed
}

const (
	pieceSize   = 1 << 19 // of the data, and of the rows and variants of a piece, in bytes
	variantSize = 100     // besides its text
	maxAllele   = 1 << 24 // bytes
)

// dataHeaderLen is what data have besides ploidies and probabilities.
const dataHeaderLen = 10

// most is how many bytes the data of a biallelic variant of n samples have that are
// diploid or haploid.
func most(n int) int64 { return dataHeaderLen + 9*int64(n) }

// A cutter cuts a file into pieces.
type cutter struct {
	name        string
	in          *bufio.Reader
	at          int64 // of the file
	size        int64 // of the file
	compression uint32
	variants    int
	samples     int
	rowBytes    int
	refLast     bool

	number int    // of the variant read last
	chrom  string // of it, so that its string is made once
}

var errEnds = errors.New("the file ends early; copy it again")

// next replaces raw by the next piece.
func (c *cutter) next(r *raw) error {
	r.variants, r.data = r.variants[:0], r.data[:0]
	for made := 0; len(r.data) < pieceSize && made < pieceSize; {
		if c.number == c.variants {
			if c.at != c.size {
				return fmt.Errorf("%s: %d bytes follow its %d variants; the file is damaged, copy it again", c.name, c.size-c.at, c.variants)
			}
			return io.EOF
		}
		c.number++
		v := stored{number: c.number, at: c.at}
		if err := c.read(&v, r); err != nil {
			if err == io.EOF || err == io.ErrUnexpectedEOF {
				err = errEnds
			}
			return v.errorf(c.name, "%w", err)
		}
		r.variants = append(r.variants, v)
		made += c.rowBytes + variantSize + len(v.Chrom) + len(v.ID) + len(v.Ref) + len(v.Alt)
	}
	return nil
}

func (v *stored) errorf(file, format string, args ...any) error {
	return fmt.Errorf("%s, variant %d (byte %d): %w", file, v.number, v.at, fmt.Errorf(format, args...))
}

// read reads a variant.
func (c *cutter) read(v *stored, r *raw) error {
	snp, err := c.text16()
	if err != nil {
		return err
	}
	rs, err := c.text16()
	if err != nil {
		return err
	}
	chrom, err := c.text16()
	if err != nil {
		return err
	}
	fixed, err := c.take(6)
	if err != nil {
		return err
	}
	pos, alleles := binary.LittleEndian.Uint32(fixed), int(binary.LittleEndian.Uint16(fixed[4:]))
	if alleles == 2 {
		if v.Ref, err = c.allele(); err != nil {
			return err
		}
		if v.Alt, err = c.allele(); err != nil {
			return err
		}
		if c.refLast {
			v.Ref, v.Alt = v.Alt, v.Ref
		}
		v.skip.Reason = genomics.SkipAlt(v.Alt)
	} else {
		for range alleles {
			if err := c.passAllele(); err != nil {
				return err
			}
		}
		v.skip.Reason = genomics.MultiAllelic
		if alleles < 2 {
			v.skip.Reason = genomics.NoAlt
		}
	}
	v.Chrom, v.Pos, v.ID = chrom, int(pos), rs
	if v.ID == "" {
		v.ID = snp
	}
	if v.ID == "" {
		v.ID = "."
	}
	v.checkOddity()
	if !v.skip.None() {
		v.Variant = genomics.Variant{} // whose text may be long
		return c.passData()
	}
	if v.Chrom != c.chrom {
		c.chrom = v.Chrom
	}
	v.Chrom = c.chrom
	return c.data(v, r)
}

// checkOddity passes over a variant that is not as VCF has them. The variant may be passed
// over already; a place that is odd goes before.
func (v *stored) checkOddity() {
	odd := func(reason, format string, args ...any) {
		v.skip = ahead.Skip{Reason: reason, Detail: fmt.Sprintf("variant %d (byte %d): ", v.number, v.at) + fmt.Sprintf(format, args...)}
	}
	switch {
	case v.Chrom == "":
		odd(genomics.OddPlace, "CHROM is empty; write the file anew with plink2 --bgen FILE ref-first --sample FILE.sample --oxford-single-chr CHR --export bgen-1.2 ref-first --out NEW")
	case v.Pos > math.MaxInt32:
		odd(genomics.OddPlace, "POS %d is not a whole number from 0 to %d", v.Pos, math.MaxInt32)
	case !isWord(v.Chrom):
		odd(genomics.OddPlace, "CHROM %.20q has a blank", v.Chrom)
	case !isWord(v.ID):
		odd(genomics.OddPlace, "ID %.20q has a blank", v.ID)
	case !v.skip.None():
	case !genomics.IsSequence(v.Ref):
		odd(genomics.OddAlleles, "%.20q", v.Ref)
	case !genomics.IsSequence(v.Alt):
		odd(genomics.OddAlleles, "%.20q", v.Alt)
	}
}

// take returns the next n bytes, which are valid until the next call; at most those of
// the buffer.
func (c *cutter) take(n int) ([]byte, error) {
	data, err := c.in.Peek(n)
	if err != nil {
		return nil, err
	}
	c.at += int64(n)
	_, err = c.in.Discard(n)
	return data, err
}

// pass passes over n bytes.
func (c *cutter) pass(n int64) error {
	if n > c.size-c.at {
		return errEnds
	}
	for n > 0 {
		step, err := c.in.Discard(int(min(n, math.MaxInt32)))
		if err != nil {
			return err
		}
		n -= int64(step)
		c.at += int64(step)
	}
	return nil
}

// readInto reads bytes.
func (c *cutter) readInto(data []byte) error {
	n, err := io.ReadFull(c.in, data)
	c.at += int64(n)
	return err
}

func (c *cutter) number32() (int64, error) {
	fixed, err := c.take(4)
	if err != nil {
		return 0, err
	}
	return int64(binary.LittleEndian.Uint32(fixed)), nil
}

// text16 reads a text of up to 64 KB.
func (c *cutter) text16() (string, error) {
	length, err := c.take(2)
	if err != nil {
		return "", err
	}
	text, err := c.take(int(binary.LittleEndian.Uint16(length)))
	return string(text), err
}

func (c *cutter) allele() (string, error) {
	n, err := c.number32()
	if err != nil {
		return "", err
	}
	if n > c.size-c.at {
		return "", errEnds
	}
	if n > maxAllele {
		return "", fmt.Errorf("an allele has %d bytes, and %d are the most that genoveil reads; the file is damaged, copy it again", n, maxAllele)
	}
	allele := make([]byte, n)
	err = c.readInto(allele)
	return string(allele), err
}

func (c *cutter) passAllele() error {
	n, err := c.number32()
	if err != nil {
		return err
	}
	return c.pass(n)
}

func (c *cutter) passData() error {
	n, err := c.number32()
	if err != nil {
		return err
	}
	return c.pass(n)
}

// data reads a variant's data: only their begin where they have more than the samples
// can have.
func (c *cutter) data(v *stored, r *raw) error {
	size, err := c.number32()
	if err != nil {
		return err
	}
	v.length = size
	if c.compression != uncompressed {
		if size < 4 {
			return fmt.Errorf("the data have %d bytes; the file is damaged, copy it again", size)
		}
		size -= 4
		if v.length, err = c.number32(); err != nil {
			return err
		}
	}
	if size > c.size-c.at {
		return errEnds
	}
	kept := min(size, 2*most(c.samples)+1024)
	v.from = len(r.data)
	v.to = v.from + int(kept)
	r.data = slices.Grow(r.data, int(kept))[:v.to]
	if err := c.readInto(r.data[v.from:]); err != nil {
		return err
	}
	return c.pass(size - kept)
}
