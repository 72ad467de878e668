package pipeline

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// laneChunks are the chunks of a group's lanes for the same samples, and their
// memory.
type laneChunks struct {
	group  *scoreGroup
	chunks []he.Chunk
	finish []func() error // verifies them afterwards
	memory []*chunkfile.Mapping
}

// tile packs the answers of a tile, from the first chunk that is not in it yet.
func (e *scoring) tile(ctx context.Context, tile int) error {
	from, to := e.meta.tileRange(tile)
	first, last := from/he.ChunkSamples+e.chunks, (to+he.ChunkSamples-1)/he.ChunkSamples
	if e.chunks == 0 {
		e.tiles = nil
		for range e.meta.Scores {
			e.tiles = append(e.tiles, he.NewTile(e.Scorer, e.meta.Params.Chain()))
		}
	}
	tasks, ctx := errgroup.WithContext(ctx)
	read := make(chan laneChunks)
	tasks.Go(func() error {
		defer close(read)
		for chunk := first; chunk < last; chunk++ {
			for g := range e.groups {
				r, err := e.read(ctx, &e.groups[g], chunk)
				if err != nil {
					return err
				}
				if err := send(ctx, read, r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	tasks.Go(func() error {
		for chunk := first; chunk < last; chunk++ {
			// What is read already must not keep an interrupt waiting.
			if err := ctx.Err(); err != nil {
				return err
			}
			nodes, err := e.chunk(ctx, chunk, read)
			if err != nil {
				return err
			}
			for i, node := range nodes {
				if err := e.tiles[i].Add(node); err != nil {
					return err
				}
			}
			e.chunks++
			if time.Since(e.saved) >= e.Every {
				e.warn(e.save())
			}
		}
		return nil
	})
	if err := tasks.Wait(); err != nil {
		return err
	}
	for _, t := range e.tiles {
		sum, err := t.Sum()
		if err != nil {
			return err
		}
		e.sums = append(e.sums, sum)
	}
	e.chunks, e.tiles = 0, nil
	return nil
}

// chunk multiplies what is read of a chunk of samples and packs its answers.
func (e *scoring) chunk(ctx context.Context, chunk int, read <-chan laneChunks) ([]he.Sum, error) {
	from, to := e.Cohort.chunkRange(chunk)
	scores := e.Scorer.NewScores(to-from, e.groups[0].weights)
	for range e.groups {
		r, ok := <-read
		if !ok {
			// Reading failed, and its error is about to cancel ctx. Until it has, there is
			// none to return, and the chunk would count as packed.
			<-ctx.Done()
			return nil, ctx.Err()
		}
		if err := verified(e.Scorer.Add(scores, r.group.weights, r.chunks), r.finish); err != nil {
			return nil, err
		}
		e.memory.give(r.memory)
		e.done += len(r.chunks)
		e.Progress.report(e.done, e.total)
	}
	return e.Scorer.Pack(scores)
}

// read reads one chunk of samples for a group, in parallel.
func (e *scoring) read(ctx context.Context, g *scoreGroup, chunk int) (laneChunks, error) {
	memory, err := e.memory.take(ctx, len(g.lanes))
	r := laneChunks{g, make([]he.Chunk, len(g.lanes)), make([]func() error, len(g.lanes)), memory}
	if err != nil {
		return r, err
	}
	var tasks errgroup.Group
	for i, l := range g.lanes {
		tasks.Go(func() (err error) {
			r.chunks[i], r.finish[i], err = e.Cohort.ReadChunk(r.memory[i], l.block, l.plane, chunk)
			return err
		})
	}
	return r, tasks.Wait()
}
