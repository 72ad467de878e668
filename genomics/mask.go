package genomics

import (
	"encoding/binary"
	"math/bits"
)

// A Mask marks samples at the places that they have in a Row, with the low of their two
// bits.
type Mask []byte

// NewMask marks those of n samples for which has is true.
func NewMask(n int, has func(sample int) bool) Mask {
	m := make(Mask, RowLen(n))
	for i := range n {
		if has(i) {
			m[i>>2] |= 1 << (2 * uint(i&3))
		}
	}
	return m
}

// Len is the number of samples that are marked.
func (m Mask) Len() (n int) {
	for _, b := range m {
		n += bits.OnesCount8(b)
	}
	return n
}

// Has reports whether sample i is marked.
func (m Mask) Has(i int) bool { return m[i>>2]>>(2*uint(i&3))&1 == 1 }

// Count returns the genotype counts of the marked samples.
func (m Mask) Count(r Row) (c Counts) {
	m.words(r, func(_ int, marked, word uint64) {
		low, high := word&marked, word>>1&marked
		c[Het] += bits.OnesCount64(low &^ high)
		c[HomAlt] += bits.OnesCount64(high &^ low)
		c[Missing] += bits.OnesCount64(low & high)
		c[HomRef] += bits.OnesCount64(marked &^ (low | high))
	})
	return c
}

// DropHets makes heterozygous calls of the marked samples missing, as calls of one copy of
// a chromosome cannot be, and returns their number.
func (m Mask) DropHets(r Row) (dropped int) {
	m.words(r, func(at int, marked, word uint64) {
		hets := marked & word &^ (word >> 1)
		if hets == 0 {
			return
		}
		dropped += bits.OnesCount64(hets)
		for i := at; hets != 0; i++ {
			r[i] |= byte(hets << 1)
			hets >>= 8
		}
	})
	return dropped
}

// words visits a row and its marks, 32 samples at a time.
func (m Mask) words(r Row, visit func(at int, marked, word uint64)) {
	at := 0
	for ; at+8 <= len(m); at += 8 {
		visit(at, binary.LittleEndian.Uint64(m[at:]), binary.LittleEndian.Uint64(r[at:]))
	}
	var marked, word [8]byte
	copy(marked[:], m[at:])
	copy(word[:], r[at:])
	visit(at, binary.LittleEndian.Uint64(marked[:]), binary.LittleEndian.Uint64(word[:]))
}

// CountOf returns the counts of the marked samples of the row.
func (r DosageRow) CountOf(m Mask) (c DosageCounts) {
	for i, d := range r {
		switch {
		case !m.Has(i):
		case d == MissingDosage:
			c.Missing++
		default:
			c.Called++
			c.Sum += int64(d)
		}
	}
	return c
}
