package pipeline

import (
	"io"

	"genoveil/genomics"
	"genoveil/he"
)

// hardCallValues gives each plane's value for the genotype codes 0 … 3.
var hardCallValues = map[Plane]*[4]int32{
	Dosage:  {genomics.HomRef: -1, genomics.HomAlt: 1},
	HomAlt:  {genomics.HomAlt: 1},
	Missing: {genomics.Missing: 1},
}

// hardCalls is a matrix at two bits a genotype: RowLen(samples) bytes a row.
type hardCalls struct {
	samples int
	rows    []byte
}

// hardCallReader reads blocks from a source of hard calls.
type hardCallReader struct{ genomics.Source }

func (r hardCallReader) next(n int) (*block, error) {
	m := &hardCalls{samples: len(r.Samples())}
	size := genomics.RowLen(m.samples)
	b, err := readRows(n, m.samples, func(row int, v *genomics.Variant) error {
		m.rows = grow(m.rows, row, size, n)
		return r.Next(v, m.row(row))
	})
	if err != nil {
		return nil, err
	}
	b.matrix = m
	return b, nil
}

func (m *hardCalls) row(j int) genomics.Row {
	n := genomics.RowLen(m.samples)
	return m.rows[j*n : (j+1)*n]
}

func (m *hardCalls) write(h io.Writer, n int) { h.Write(m.rows[:n*genomics.RowLen(m.samples)]) }

// tally sums κ by genotype; a plane's check sum follows from its value for each.
func (m *hardCalls) tally(j int, check *check) tally {
	var t tally
	var sums [4]uint64
	row, p := m.row(j), check.modulus
	for i, k := range check.key {
		g := row.At(i)
		t.counts[g]++
		sums[g] = p.Add(sums[g], k)
	}
	for n, plane := range HardCalls.Planes() {
		for g, v := range hardCallValues[plane] {
			t.check[n] = p.Add(t.check[n], p.Mul(sums[g], int64(v)))
		}
	}
	return t
}

func (m *hardCalls) width() int { return he.ChunkSamples / 4 }

func (m *hardCalls) copyChunk(codes []byte, n, from, to int) {
	width, size := m.width(), genomics.RowLen(to-from)
	for j := range n {
		copy(codes[j*width:][:size], m.row(j)[from/4:])
	}
}

func (m *hardCalls) fill(values []int32, codes []byte, sample int, plane Plane) {
	const width = he.ChunkSamples / 4
	table := hardCallValues[plane]
	shift := 2 * uint(sample&3)
	codes = codes[sample>>2:]
	for j := range values {
		values[j] = table[codes[j*width]>>shift&3]
	}
}
