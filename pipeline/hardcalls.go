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

// tally counts a row, and sums κ by genotype: a plane's check sum follows from its
// value for each. Four genotypes go at a time, by table (half a nanosecond a genotype;
// one by one it takes 2.5).
func (m *hardCalls) tally(j int, check *check) tally {
	t := tally{counts: m.row(j).Count(m.samples)}
	if check == nil {
		return t
	}
	row, p := m.row(j), check.modulus
	var homAlt, missing, present uint64 // present: any genotype but HomRef
	for i, codes := range row {
		mask, subset := codeMasks[codes], &check.subsets[i]
		homAlt += subset[mask&15]
		missing += subset[mask>>4&15]
		present += subset[mask>>8]
	}
	sums := [4]uint64{
		genomics.HomRef:  (check.total - present) % p.P,
		genomics.HomAlt:  homAlt % p.P,
		genomics.Missing: missing % p.P,
	}
	for n, plane := range HardCalls.Planes() {
		for g, v := range hardCallValues[plane] {
			t.check[n] = p.Add(t.check[n], p.Mul(sums[g], int64(v)))
		}
	}
	return t
}

// codeMasks says, for every byte of four genotypes, which are HomAlt (bits 0 … 3),
// Missing (4 … 7) and not HomRef (8 … 11).
var codeMasks = func() (masks [256]uint16) {
	for b := range masks {
		row := genomics.Row{byte(b)}
		for i := range 4 {
			switch row.At(i) {
			case genomics.HomAlt:
				masks[b] |= 0x101 << i
			case genomics.Missing:
				masks[b] |= 0x110 << i
			case genomics.Het:
				masks[b] |= 0x100 << i
			}
		}
	}
	return masks
}()

func (m *hardCalls) width() int { return he.ChunkSamples / 4 }

// copyChunk writes codes[four samples][variant], so that fill reads straight on.
func (m *hardCalls) copyChunk(codes []byte, n, from, to int) {
	for j := range n {
		row := m.row(j)[from/4:]
		for g := range genomics.RowLen(to - from) {
			codes[g*n+j] = row[g]
		}
	}
}

func (m *hardCalls) fill(values []int32, codes []byte, sample int, plane Plane) {
	table := *hardCallValues[plane]
	shift := 2 * uint(sample&3)
	codes = codes[sample>>2*len(values):][:len(values)]
	for j, b := range codes {
		values[j] = table[b>>shift&3]
	}
}
