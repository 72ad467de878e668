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
	s       *switcher
	keys    *he.EvaluationKeys
	threads int
	index   [][]uint32 // permutation of the automorphism of each depth
	shifts  [][]uint32 // [depth][prime][N]: X^(−2^depth), transformed
	walkers sync.Pool

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
	e := &Engine{s: s, keys: keys, threads: threads}
	e.walkers.New = func() any { return e.newWalker() }
	for depth := range keys.Chain.LogN {
		e.index = append(e.index, kernels.AutomorphismIndex(s.n, keys.Chain.ExpandElement(depth)))
		var shift []uint32
		for _, t := range s.ntt[:s.special] {
			row := make([]uint32, s.n)
			row[s.n-1<<depth] = t.Q - 1 // X^(−k) = −X^(N−k)
			t.Forward(row)
			shift = append(shift, row...)
		}
		e.shifts = append(e.shifts, shift)
	}
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
	w := s.newScratch()
	var sums []he.Sum
	for k := range a.columns {
		start := k * s.chain.SumLen(3)
		sum := he.Sum{Components: 2, Residues: a.sums[start : start+s.chain.SumLen(2) : start+s.chain.SumLen(2)]}
		s.keySwitch(w, a.sums[start+2*primes*n:][:primes*n], primes, a.e.keys.Relinearize)
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
