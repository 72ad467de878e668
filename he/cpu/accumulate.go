package cpu

import (
	"fmt"
	"sync/atomic"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// accumulator keeps reduced sums [column][component][prime][N] between chunks.
type accumulator struct {
	e       *Engine
	columns []int
	sums    []uint32
}

// NewAccumulator starts sums at zero.
func (e *Engine) NewAccumulator(columns []int) he.Accumulator {
	return &accumulator{e: e, columns: columns, sums: kernels.Words(len(columns) * e.s.chain.SumLen(3))}
}

// tileRun is the number of tiles that a goroutine takes at a time: the kernel
// fetches the beginning of a chunk's next tile while it works on one.
const tileRun = 8

// Add works tile by tile, every goroutine on tiles of its own: for each chunk in
// turn the seeded half of the tile is made for all samples and multiplied by the
// tile of all columns. So a tile of constants (32 KB a column) is read from memory
// once for all chunks and then stays in the second-level cache, and any number of
// goroutines is busy however few the chunks are.
func (e *Engine) Add(d he.Constants, products []he.Product) error {
	c := d.(*constants)
	for _, p := range products {
		if p.Samples != c.samples {
			return fmt.Errorf("%d samples in the chunk, %d expanded", p.Samples, c.samples)
		}
	}
	streams := make([]*kernels.Uniform, len(products))
	for i, p := range products {
		streams[i] = kernels.NewUniform(&p.Seed)
	}
	tiles := len(e.s.chain.Sums) * e.s.n / he.TileWidth
	var next atomic.Int64
	e.parallel(min(e.threads, tiles), func(_ int, w *scratch) {
		for from := int(next.Add(tileRun)) - tileRun; from < tiles; from = int(next.Add(tileRun)) - tileRun {
			for tile := from; tile < min(from+tileRun, tiles); tile++ {
				for i, p := range products {
					p.Accumulator.(*accumulator).add(w, tile, p.Chunk, streams[i], c)
				}
			}
		}
	})
	return nil
}

// add adds one tile of one prime: number prime·N/TileWidth + tile.
func (a *accumulator) add(w *scratch, number int, chunk he.Chunk, uniform *kernels.Uniform, c *constants) {
	const T = he.TileWidth
	s, primes := a.e.s, len(a.e.s.chain.Sums)
	l, first := number/(s.n/T), number%(s.n/T)*T
	size := c.samples * T
	c1 := w.seeded[:size]
	uniform.FillTile(c1, s.ntt[l].Modulus, uint32(l), first, T)
	s.ntt[l].Accumulate(a.sums[l*s.n+first:], s.chain.SumLen(3), primes*s.n,
		chunk.C0[number*size:][:size], c1, c.d[number*size*2*c.columns:][:size*2*c.columns], a.columns)
}

// Sums relinearises: the third component is key-switched from s² to s.
func (a *accumulator) Sums() ([]he.Sum, error) {
	s := a.e.s
	primes, n := len(s.chain.Sums), s.n
	w := a.e.scratch.Get().(*scratch)
	defer a.e.scratch.Put(w)
	var sums []he.Sum
	for k := range a.columns {
		start := k * s.chain.SumLen(3)
		sum := he.Sum{Components: 2, Residues: a.sums[start : start+s.chain.SumLen(2) : start+s.chain.SumLen(2)]}
		s.keySwitch(w, a.sums[start+2*primes*n:][:primes*n], a.e.relinearize)
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
