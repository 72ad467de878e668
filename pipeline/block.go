package pipeline

import (
	"errors"
	"fmt"
	"io"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"genoveil/genomics"
	"genoveil/he"
)

// A block is up to N variants with the genotypes of all samples, two bits each.
type block struct {
	samples  int
	variants []genomics.Variant
	rows     []byte // RowLen(samples) bytes a variant
	tallies  []tally
}

// A tally is what the owner keeps of a variant's genotypes: how many of each, and
// the check sum of each plane.
type tally struct {
	counts genomics.Counts
	check  [3]uint16 // of each of allPlanes, modulo he.CheckPrime
}

func (b *block) row(j int) genomics.Row {
	n := genomics.RowLen(b.samples)
	return b.rows[j*n : (j+1)*n]
}

// readBlock reads up to n variants. It returns io.EOF with an empty block after
// the last.
func readBlock(src genomics.Source, n int) (*block, error) {
	samples := len(src.Samples())
	b := &block{samples: samples}
	size := genomics.RowLen(samples)
	for len(b.variants) < n {
		// Grow by doubling: most inputs end in the first block.
		if have := len(b.variants) * size; have+size > len(b.rows) {
			b.rows = append(b.rows, make([]byte, min(max(64*size, len(b.rows)), n*size-len(b.rows)))...)
		}
		var v genomics.Variant
		err := src.Next(&v, b.rows[len(b.variants)*size:][:size])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		b.variants = append(b.variants, v)
	}
	if len(b.variants) == 0 {
		return nil, io.EOF
	}
	return b, nil
}

// digest identifies the block's content, so that a continued encryption notices
// a changed input.
func (b *block) digest() string {
	h := xxh3.New()
	for i := range b.variants {
		v := &b.variants[i]
		fmt.Fprintf(h, "%s\t%d\t%s\t%s\t%s\n", v.Chrom, v.Pos, v.ID, v.Ref, v.Alt)
	}
	h.Write(b.rows[:len(b.variants)*genomics.RowLen(b.samples)])
	return fmt.Sprintf("%016x", h.Sum64())
}

// count tallies every variant, in parallel.
func (b *block) count(checkKey []uint16, threads int) {
	b.tallies = make([]tally, len(b.variants))
	var group errgroup.Group
	for part := range threads {
		group.Go(func() error {
			for j := part; j < len(b.variants); j += threads {
				b.tallies[j] = tallyRow(b.row(j), checkKey)
			}
			return nil
		})
	}
	group.Wait()
}

// tallyRow sums κ by genotype; a plane's check sum follows from its value for
// each genotype.
func tallyRow(row genomics.Row, checkKey []uint16) tally {
	var t tally
	var sums [4]int64
	for i, k := range checkKey {
		g := row.At(i)
		t.counts[g]++
		sums[g] += int64(k)
	}
	for p, plane := range allPlanes {
		x := int64(0)
		for g, v := range planeValues[plane] {
			x += int64(v) * (sums[g] % he.CheckPrime)
		}
		t.check[p] = uint16((x%he.CheckPrime + he.CheckPrime) % he.CheckPrime)
	}
	return t
}

// planes lists the planes the block needs.
func (b *block) planes() []Plane {
	for j := range b.tallies {
		if b.tallies[j].counts[genomics.Missing] > 0 {
			return allPlanes
		}
	}
	return allPlanes[:2]
}

// chunkCodes copies the genotypes of samples [from, to) of every variant to
// codes, ChunkSamples/4 bytes a variant. from is a multiple of ChunkSamples.
func (b *block) chunkCodes(codes []byte, from, to int) {
	const width = he.ChunkSamples / 4
	size := genomics.RowLen(to - from)
	for j := range b.variants {
		copy(codes[j*width:][:size], b.row(j)[from/4:])
	}
}

// planeRow fills values with one sample's plane values; positions beyond the
// block's variants are zero.
func (b *block) planeRow(values []int32, codes []byte, sample int, table *[4]int32) {
	const width = he.ChunkSamples / 4
	shift := 2 * uint(sample&3)
	codes = codes[sample>>2:]
	for j := range b.variants {
		values[j] = table[codes[j*width]>>shift&3]
	}
	clear(values[len(b.variants):])
}
