package pipelinetest

import (
	"genoveil/he"
)

// A Faulty engine computes right but for one planted fault.
type Faulty struct {
	he.Engine
	OnAdd  func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error
	OnSums func(lane int, sums []he.Sum)

	lanes int
}

func (f *Faulty) NewAccumulator(columns []int) he.Accumulator {
	f.lanes++
	return &faultyAccumulator{Accumulator: f.Engine.NewAccumulator(columns), f: f, lane: f.lanes - 1}
}

type faultyAccumulator struct {
	he.Accumulator
	f           *Faulty
	lane, calls int
}

// Add hands over every product for itself.
func (f *Faulty) Add(d he.Constants, products []he.Product) error {
	for _, p := range products {
		a := p.Accumulator.(*faultyAccumulator)
		a.calls++
		add := func(chunk he.Chunk) error {
			return f.Engine.Add(d, []he.Product{{Chunk: chunk, Accumulator: a.Accumulator}})
		}
		if f.OnAdd == nil {
			if err := add(p.Chunk); err != nil {
				return err
			}
			continue
		}
		if err := f.OnAdd(add, p.Chunk, a.lane, a.calls-1); err != nil {
			return err
		}
	}
	return nil
}

func (a *faultyAccumulator) Sums() ([]he.Sum, error) {
	sums, err := a.Accumulator.Sums()
	if err == nil && a.f.OnSums != nil {
		a.f.OnSums(a.lane, sums)
	}
	return sums, err
}

// Use reads a chunk as an engine does, and computes nothing.
func Use(chain he.Chain, chunk he.Chunk) error {
	return he.EachTile([]he.Chunk{chunk}, chain.AllTiles(), func(*he.ChunkTile) {})
}
