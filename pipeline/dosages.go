package pipeline

import (
	"encoding/binary"
	"io"

	"genoveil/genomics"
	"genoveil/he"
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
func dosageValue(plane Plane, d uint16) int32 {
	centred := int32(d) - int32(Dosages.Steps())
	switch {
	case d == genomics.MissingDosage:
		if plane == Missing {
			return 1
		}
	case plane == Dosage:
		return centred
	case plane == Squared:
		return centred * centred
	}
	return 0
}

func (m *dosages) tally(j int, check *check) tally {
	var t tally
	row := m.row(j)
	for i, d := range row {
		if d == genomics.MissingDosage {
			t.counts[3]++
			continue
		}
		t.counts[0]++
		t.counts[1] += int(row[i])
	}
	if check == nil {
		return t
	}
	for n, plane := range Dosages.Planes() {
		for i, k := range check.key {
			t.check[n] = check.modulus.Add(t.check[n], check.modulus.Mul(k, int64(dosageValue(plane, row[i]))))
		}
	}
	return t
}

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

func (m *dosages) fill(values []int32, codes []byte, sample int, plane Plane) {
	codes = codes[2*sample*len(values):]
	for j := range values {
		values[j] = dosageValue(plane, binary.LittleEndian.Uint16(codes[2*j:]))
	}
}
