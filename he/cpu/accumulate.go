package cpu

import (
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/cpu/sampling"
	"genoveil/kernels/hugepage"
)

// accumulator keeps reduced sums [column][component][prime][N] between chunks.
type accumulator struct {
	e       *Engine
	wanted  []int // columns in the caller's order
	columns []int // the same, ascending
	sums    []uint32
}

// NewAccumulator starts sums at zero.
func (e *Engine) NewAccumulator(columns []int) he.Accumulator {
	a := &accumulator{
		e: e, wanted: columns, columns: slices.Sorted(slices.Values(columns)),
		sums: hugepage.Words(len(columns) * e.s.chain.SumLen(3)),
	}
	// New memory that is read before it is written faults twice, and the second time
	// stops all processors to forget the page of zeros: so it is written first.
	for i := 0; i < len(a.sums); i += pageWords {
		a.sums[i] = 0
	}
	return a
}

// pageWords is the number of words in the smallest page.
const pageWords = 1024

const (
	// tileChunks and tileColumns bound what a goroutine works on: the seeded halves of
	// a tile (16 KB a chunk) and the tile of so many columns (32 KB each) stay in the
	// second-level cache. All of sixteen columns at a time take half as long again.
	tileChunks  = 16
	tileColumns = 8
)

// Add works tile by tile, every goroutine on tiles of its own: the seeded halves of
// the tile are made for all samples of all chunks, and a few columns after the other
// are multiplied by them. So a tile of constants (32 KB a column) is read from memory
// once for all chunks, and any number of goroutines is busy however few the chunks
// are.
func (e *Engine) Add(d he.Constants, products []he.Product) error {
	c := d.(*constants)
	for _, p := range products {
		if p.Samples != c.samples {
			return fmt.Errorf("%d samples in the chunk, %d expanded", p.Samples, c.samples)
		}
	}
	for products := range slices.Chunk(products, tileChunks) {
		if err := e.add(c, products); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) add(c *constants, products []he.Product) error {
	chunks, streams := make([]he.Chunk, len(products)), make([]*sampling.Uniform, len(products))
	for i, p := range products {
		chunks[i], streams[i] = p.Chunk, sampling.NewUniform(&p.Seed)
	}
	tiles := e.s.chain.Tiles()
	shared := share(tiles)
	var group errgroup.Group
	for range min(e.threads, tiles) {
		group.Go(func() error {
			seeded := e.seeded.Get().(*[]uint32)
			defer e.seeded.Put(seeded)
			return he.EachTile(chunks, shared, func(t *he.ChunkTile) { e.addTile(t, *seeded, c, products, streams) })
		})
	}
	return group.Wait()
}

// addTile adds one tile of one prime. memory holds the seeded halves.
func (e *Engine) addTile(t *he.ChunkTile, memory []uint32, c *constants, products []he.Product, streams []*sampling.Uniform) {
	const T = he.TileWidth
	s, primes, number := e.s, len(e.s.chain.Sums), t.Number
	l, first, size := number/(s.n/T), number%(s.n/T)*T, c.samples*T
	seeded := func(i int) []uint32 { return memory[i*size:][:size] }
	for i, stream := range streams {
		stream.FillTile(seeded(i), s.ntt[l].Modulus, uint32(l), first, T)
	}
	d := c.d[number*size*2*c.columns:][:size*2*c.columns]
	for column := 0; column < c.columns; column += tileColumns {
		for i, p := range products {
			a := p.Accumulator.(*accumulator)
			from, _ := slices.BinarySearch(a.columns, column)
			to, _ := slices.BinarySearch(a.columns, column+tileColumns)
			if from < to {
				s.ntt[l].Accumulate(a.sums[from*s.chain.SumLen(3)+l*s.n+first:], s.chain.SumLen(3), primes*s.n,
					t.C0(i), seeded(i), d, a.columns[from:to])
			}
		}
	}
}

// column is the running sum of the k-th wanted column.
func (a *accumulator) column(k int) []uint32 {
	at, _ := slices.BinarySearch(a.columns, a.wanted[k])
	size := a.e.s.chain.SumLen(3)
	return a.sums[at*size:][:size:size]
}

// Save copies the running sum of a column.
func (a *accumulator) Save(k int, dst []uint32) error {
	copy(dst, a.column(k))
	return nil
}

// Restore continues a running sum.
func (a *accumulator) Restore(k int, src []uint32) error {
	if err := (he.Sum{Components: 3, Residues: src}).Validate(a.e.s.chain); err != nil {
		return err
	}
	copy(a.column(k), src)
	return nil
}

// Sums relinearises: the third component is key-switched from s² to s.
func (a *accumulator) Sums() ([]he.Sum, error) {
	s := a.e.s
	primes, n := len(s.chain.Sums), s.n
	w := a.e.scratch.Get().(*scratch)
	defer a.e.scratch.Put(w)
	var sums []he.Sum
	for k := range a.wanted {
		column := a.column(k)
		sum := he.Sum{Components: 2, Residues: column[:s.chain.SumLen(2):s.chain.SumLen(2)]}
		s.keySwitch(w, column[2*primes*n:], a.e.relinearize)
		for c := range 2 {
			for l, t := range s.ntt[:primes] {
				row := sum.Residues[(c*primes+l)*n:][:n]
				t.AddVec(row, row, w.out[c][l*n:][:n])
			}
		}
		sums = append(sums, sum)
	}
	return sums, nil
}
