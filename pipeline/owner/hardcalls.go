package owner

import (
	"io"
	"slices"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// HardCallValues gives each plane's value for the genotype codes 0 … 3.
var HardCallValues = map[format.Plane]*[4]int32{
	format.Dosage:  {genomics.HomRef: -1, genomics.HomAlt: 1},
	format.HomAlt:  {genomics.HomAlt: 1},
	format.Missing: {genomics.Missing: 1},
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

func (m *hardCalls) count(row int, of genomics.Mask) genomics.Counts { return of.Count(m.row(row)) }

// tally counts rows from `from` on, and sums κ by genotype: a plane's check sum follows
// from its value for each. Four genotypes go at a time, by table, and tables of a tile
// of samples, which the first-level cache holds, serve many rows (docs/performance.md).
func (m *hardCalls) tally(tallies []private.Tally, from int, check *check) {
	for i := range tallies {
		tallies[i].Counts = m.row(from + i).Count(m.samples)
	}
	if check == nil {
		return
	}
	sums := make([]genotypeSums, min(len(tallies), tallyRows))
	for len(tallies) > 0 {
		rows := tallies[:min(len(tallies), tallyRows)]
		clear(sums)
		for at := 0; at < len(check.subsets); at += tallyFours {
			subsets := check.subsets[at:min(at+tallyFours, len(check.subsets))]
			for i := range rows {
				codes := m.row(from + i)[at:][:len(subsets)]
				addSubsets(&sums[i][genomics.Het], codes, subsets, presentMasks)
				addSubsets(&sums[i][genomics.HomAlt], codes, subsets, homAltMasks)
				if rows[i].Counts[genomics.Missing] > 0 {
					addSubsets(&sums[i][genomics.Missing], codes, subsets, missingMasks)
				}
			}
		}
		for i := range rows {
			rows[i].Check = check.ofHardCalls(&sums[i])
		}
		tallies, from = tallies[len(rows):], from+len(rows)
	}
}

const (
	tallyFours = 48  // tables of a tile: 512 bytes each
	tallyRows  = 128 // rows that a tile serves: 128 bytes of sums each
)

// genotypeSums are sums of κ over the samples with a genotype, not reduced; in place of
// Het, over those with any but HomRef.
type genotypeSums [4][he.Masks]uint64

// addSubsets adds κ of the samples that masks marks in each code of four genotypes. The
// sums are spelled out because the compiler keeps only those in registers.
func addSubsets(sum *[he.Masks]uint64, codes []byte, subsets [][16][he.Masks]uint64, masks *[256]uint8) {
	s0, s1, s2, s3 := sum[0], sum[1], sum[2], sum[3]
	subsets = subsets[:len(codes)]
	for i, c := range codes {
		k := &subsets[i][masks[c]&15]
		s0 += k[0]
		s1 += k[1]
		s2 += k[2]
		s3 += k[3]
	}
	*sum = [he.Masks]uint64{s0, s1, s2, s3}
}

// ofHardCalls gives the check sums of the planes.
func (c *check) ofHardCalls(sums *genotypeSums) (planes [3][he.Masks]uint64) {
	for r, total := range c.total {
		p := c.modulus.P
		sums := [4]uint64{
			genomics.HomRef:  (total - sums[genomics.Het][r]) % p, // HomRef is all but those present
			genomics.HomAlt:  sums[genomics.HomAlt][r] % p,
			genomics.Missing: sums[genomics.Missing][r] % p,
		}
		for n, plane := range format.HardCalls.Planes() {
			for g, v := range HardCallValues[plane] {
				planes[n][r] = c.modulus.Add(planes[n][r], c.modulus.Mul(sums[g], int64(v)))
			}
		}
	}
	return planes
}

// These say, for every byte of four genotypes, which are not HomRef, HomAlt and Missing.
var presentMasks, homAltMasks, missingMasks = masksOf(genomics.Het, genomics.HomAlt, genomics.Missing), masksOf(genomics.HomAlt), masksOf(genomics.Missing)

func masksOf(genotypes ...genomics.Genotype) *[256]uint8 {
	masks := new([256]uint8)
	for b := range masks {
		row := genomics.Row{byte(b)}
		for i := range 4 {
			if slices.Contains(genotypes, row.At(i)) {
				masks[b] |= 1 << i
			}
		}
	}
	return masks
}

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

func (m *hardCalls) fill(values []int32, codes []byte, sample int, plane format.Plane) {
	table := *HardCallValues[plane]
	shift := 2 * uint(sample&3)
	codes = codes[sample>>2*len(values):][:len(values)]
	for j, b := range codes {
		values[j] = table[b>>shift&3]
	}
}
