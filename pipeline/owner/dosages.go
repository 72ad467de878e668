package owner

import (
	"encoding/binary"
	"io"
	"math/bits"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// dosages is a matrix of ALT dosages in thousandths, one word a genotype.
type dosages struct {
	samples int
	rows    []uint16
}

// dosageReader reads blocks from a source of dosages.
type dosageReader struct{ genomics.DosageSource }

func (r dosageReader) next(n int) (*block, error) {
	m := &dosages{samples: len(r.Samples())}
	b, err := readRows(n, m.samples, func(row int, v *genomics.Variant) error {
		m.rows = grow(m.rows, row, m.samples, n)
		return r.NextDosages(v, m.row(row))
	})
	if err != nil {
		return nil, err
	}
	b.matrix = m
	return b, nil
}

func (m *dosages) row(j int) []uint16 { return m.rows[j*m.samples : (j+1)*m.samples] }

func (m *dosages) write(h io.Writer, n int) {
	binary.Write(h, binary.LittleEndian, m.rows[:n*m.samples])
}

// dosageValue is a plane's value of a dosage in thousandths.
func dosageValue(plane format.Plane, d uint16) int32 {
	centred := int32(d) - int32(format.Dosages.Steps())
	switch {
	case d == genomics.MissingDosage:
		if plane == format.Missing {
			return 1
		}
	case plane == format.Dosage:
		return centred
	case plane == format.Squared:
		return centred * centred
	}
	return 0
}

func (m *dosages) tally(tallies []private.Tally, from int, check *check) {
	for j := range tallies {
		row := m.row(from + j)
		tallies[j].Counts = countsOf(genomics.DosageRow(row).Count())
		if check != nil {
			tallies[j].Check = check.ofDosages(row)
		}
	}
}

func (m *dosages) count(row int, of genomics.Mask) genomics.Counts {
	return countsOf(genomics.DosageRow(m.row(row)).CountOf(of))
}

// countsOf brings the counts of dosages into a Tally's form.
func countsOf(c genomics.DosageCounts) genomics.Counts {
	return genomics.Counts{c.Called, int(c.Sum), 0, c.Missing}
}

// ofDosages gives the check sums of a row. A product of κ < 2^52 and a square below 2^20
// has up to 72 bits, so sums take two words: positive and negative centred dosages one
// each, for products of words are cheaper without sign.
func (c *check) ofDosages(row []uint16) (planes [3][he.Masks]uint64) {
	var below, above, squared, missing [he.Masks]sum128
	for i, d := range row {
		k := &c.key[i]
		if d == genomics.MissingDosage {
			for r := range missing {
				missing[r].add(k[r], 1)
			}
			continue
		}
		centred := dosageValue(format.Dosage, d)
		linear, size := &above, uint64(centred)
		if centred < 0 {
			linear, size = &below, uint64(-centred)
		}
		for r := range linear {
			linear[r].add(k[r], size)
			squared[r].add(k[r], size*size)
		}
	}
	p := c.modulus.P
	for r := range he.Masks {
		planes[0][r] = c.modulus.Add(above[r].mod(p), c.modulus.Mul(below[r].mod(p), -1))
		planes[1][r] = squared[r].mod(p)
		planes[2][r] = missing[r].mod(p)
	}
	return planes
}

// A sum128 is a sum of products in two words.
type sum128 struct{ hi, lo uint64 }

func (s *sum128) add(a, b uint64) {
	hi, lo := bits.Mul64(a, b)
	var carry uint64
	s.lo, carry = bits.Add64(s.lo, lo, 0)
	s.hi += hi + carry
}

// mod reduces modulo p.
func (s *sum128) mod(p uint64) uint64 { return bits.Rem64(s.hi, s.lo, p) }

func (m *dosages) width() int { return 2 * he.ChunkSamples }

// copyChunk writes codes[sample][variant], two bytes each, so that fill reads
// straight on.
func (m *dosages) copyChunk(codes []byte, n, from, to int) {
	for j := range n {
		for i, d := range m.row(j)[from:to] {
			binary.LittleEndian.PutUint16(codes[2*(i*n+j):], d)
		}
	}
}

func (m *dosages) fill(values []int32, codes []byte, sample int, plane format.Plane) {
	codes = codes[2*sample*len(values):]
	for j := range values {
		values[j] = dosageValue(plane, binary.LittleEndian.Uint16(codes[2*j:]))
	}
}
