// Package cpu is the evaluation engine on the CPU: he.Engine over the loops of
// kernels/cpu, residues as uint32, tile-major.
package cpu

import (
	"fmt"
	"sync"

	"genoveil/he"
	kernels "genoveil/kernels/cpu"
)

// An Engine is he.Engine on the CPU.
type Engine struct {
	s           *switcher
	threads     int
	steps       []*step // of the expansion
	byP, toSums *divisor
	relinearize switchKey
	scratch     sync.Pool

	mu       sync.Mutex
	released [][]uint32 // memory of released constants
}

// New prepares an engine for the keys. Expand uses up to `threads` goroutines.
func New(keys *he.EvaluationKeys, threads int) (*Engine, error) {
	if err := keys.Validate(); err != nil {
		return nil, err
	}
	s, err := newSwitcher(keys.Chain)
	if err != nil {
		return nil, err
	}
	for _, t := range s.ntt {
		if t.Run() < he.ChunkSamples {
			return nil, fmt.Errorf("prime %d is too large to sum %d products", t.Q, he.ChunkSamples)
		}
	}
	e := &Engine{s: s, threads: threads, relinearize: s.prepare(keys.Relinearize, len(keys.Chain.Sums))}
	e.scratch.New = func() any { return s.newScratch() }
	expand := keys.Expand
	for _, shape := range keys.Chain.ExpansionSteps() {
		count := shape.Children() - 1
		e.steps = append(e.steps, newStep(s, shape, expand[:count]))
		expand = expand[count:]
	}
	removed := []int{s.special}
	for l := s.special - 1; l >= len(keys.Chain.Sums); l-- {
		removed = append(removed, l)
	}
	e.byP, e.toSums = s.divisor(s.special, s.special), s.divisor(len(keys.Chain.Sums), removed...)
	return e, nil
}

// NewAccumulator starts sums at zero.
func (e *Engine) NewAccumulator(columns []int) he.Accumulator {
	return &accumulator{
		e: e, columns: columns,
		sums: make([]uint32, len(columns)*e.s.chain.SumLen(3)),
	}
}

// accumulator keeps reduced sums [column][component][prime][N] between chunks.
type accumulator struct {
	e       *Engine
	columns []int
	sums    []uint32
}

// row is the sum of one column, component and prime.
func (a *accumulator) row(column, component, prime int) []uint32 {
	primes, n := len(a.e.s.chain.Sums), a.e.s.n
	return a.sums[((column*3+component)*primes+prime)*n:][:n]
}

// Add works tile by tile: the seeded half of one tile is made for all samples,
// then every column's accumulators (three words a position) take the samples in
// turn. A chunk has at most ChunkSamples ≤ Run samples, so the words cannot
// overflow before they are reduced at the end of the tile.
func (a *accumulator) Add(chunk he.Chunk, d he.Constants) error {
	const T = he.TileWidth
	c, s := d.(*constants), a.e.s
	if chunk.Samples != c.samples {
		return fmt.Errorf("%d samples in the chunk, %d expanded", chunk.Samples, c.samples)
	}
	tiles := s.n / T
	acc := make([]uint64, 3*T)
	c1 := make([]uint32, chunk.Samples*T)
	uniform := kernels.NewUniform(&chunk.Seed)
	for l := range s.chain.Sums {
		t := s.ntt[l]
		for tile := range tiles {
			for i := range chunk.Samples {
				uniform.Fill(c1[i*T:][:T], t.Modulus, uint32(i), uint32(l), tile*T)
			}
			rows := (l*tiles + tile) * chunk.Samples
			c0 := chunk.C0[rows*T:][:chunk.Samples*T]
			for k, column := range a.columns {
				kernels.Accumulate(acc, c0, c1, c.d[(rows*c.columns+column)*2*T:], c.columns*2*T, T)
				for component := range 3 {
					t.ReduceAdd(a.row(k, component, l)[tile*T:][:T], acc[component*T:])
				}
			}
		}
	}
	return nil
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
