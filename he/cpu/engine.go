// Package cpu is the evaluation engine on the CPU: he.Engine over the loops of
// kernels/cpu, residues as uint32, tile-major.
package cpu

import (
	"sync"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/kernels/hugepage"
)

// An Engine is he.Engine on the CPU.
type Engine struct {
	workers
	s           *switcher
	steps       []*step // of the expansion
	byP, toSums *divisor
	relinearize switchKey
	seeded      sync.Pool // *[]uint32, [chunk][sample][TileWidth]: the seeded halves of a tile

	mu       sync.Mutex
	released [][]uint32 // memory of released constants
}

// New prepares an engine for the keys. It and the engine's methods use up to
// `threads` goroutines; each that expands takes about 8 MB.
func New(keys *he.EvaluationKeys, threads int) (*Engine, error) {
	if err := keys.Validate(); err != nil {
		return nil, err
	}
	s, err := newSwitcher(keys.Chain)
	if err != nil {
		return nil, err
	}
	// One piece of memory for all keys, so that it is on huge pages.
	size := s.keySize(s.special)
	memory := hugepage.Words(s.keySize(len(keys.Chain.Sums)) + len(keys.Expand)*size)
	e := &Engine{workers: workers{threads: threads}, s: s, relinearize: s.prepare(keys.Relinearize, len(keys.Chain.Sums), memory[len(keys.Expand)*size:])}
	e.scratch.New = func() any { return s.newScratch() }
	e.seeded.New = func() any {
		memory := make([]uint32, tileChunks*he.ChunkSamples*he.TileWidth)
		return &memory
	}
	shapes := keys.Chain.ExpansionSteps()
	e.steps = make([]*step, len(shapes))
	var group errgroup.Group
	group.SetLimit(threads)
	expand := keys.Expand
	for i, shape := range shapes {
		count := shape.Children() - 1
		own, ownMemory := expand[:count], memory[:count*size]
		group.Go(func() error {
			e.steps[i] = newStep(s, shape, own, ownMemory)
			return nil
		})
		expand, memory = expand[count:], memory[count*size:]
	}
	group.Wait()
	removed := []int{s.special}
	for l := s.special - 1; l >= len(keys.Chain.Sums); l-- {
		removed = append(removed, l)
	}
	e.byP, e.toSums = s.divisor(s.special, s.special), s.divisor(len(keys.Chain.Sums), removed...)
	return e, nil
}
