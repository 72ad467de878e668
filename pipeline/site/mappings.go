package site

import (
	"context"

	"genoveil/pipeline/chunkfile"
)

// mappings are memory for a number of chunks, which bounds how many are read ahead.
type mappings struct {
	all  []chunkfile.Mapping
	free chan *chunkfile.Mapping
}

func newMappings(n int) *mappings {
	m := &mappings{make([]chunkfile.Mapping, n), make(chan *chunkfile.Mapping, n)}
	for i := range m.all {
		m.free <- &m.all[i]
	}
	return m
}

// take waits for memory for n chunks.
func (m *mappings) take(ctx context.Context, n int) ([]*chunkfile.Mapping, error) {
	var taken []*chunkfile.Mapping
	for range n {
		select {
		case one := <-m.free:
			taken = append(taken, one)
		case <-ctx.Done():
			return taken, ctx.Err()
		}
	}
	return taken, nil
}

// give takes memory back, whose chunks are not used any more.
func (m *mappings) give(taken []*chunkfile.Mapping) {
	for _, one := range taken {
		one.Release()
		m.free <- one
	}
}

// close releases all chunks, those that were never given back too.
func (m *mappings) close() {
	for i := range m.all {
		m.all[i].Release()
	}
}
