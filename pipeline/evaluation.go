package pipeline

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// An evaluation is a run under way.
type evaluation struct {
	*RunJob
	meta        *SumsMeta
	writer      *chunkfile.Writer
	index       map[sumEntry]int
	groups      []group
	first, last int       // chunks of samples
	memory      *mappings // for chunks
	total       int

	at           position
	accumulators []he.Accumulator // of the group and batch under way, by lane
	broken       bool             // the accumulators are not what position says

	checkpoint *Checkpoint
	saved      bool          // the checkpoint on disk is of the writer's file
	lastSave   time.Time     // its end
	saveTook   time.Duration // the last one
}

// A position is how far an evaluation has come: groups and batches that are
// written, and products added to the accumulators of the next.
type position struct {
	Group    int `json:"group"`
	Chunk    int `json:"chunk"`    // first of the batch under way
	Products int `json:"products"` // chunks × lanes of it
}

// evaluate goes through slabs of columns and groups of lanes that fit Memory; within
// one, batches, then chunks of samples; within a chunk, a few lanes at a time, each
// multiplied by all goroutines together. A column is so expanded once per chunk
// and group. While chunks are multiplied the next ones are read, and the constants
// of the next samples are expanded.
func (e *evaluation) evaluate(ctx context.Context) error {
	perBatch := e.meta.Params.Batch() / he.ChunkSamples
	for ; e.at.Group < len(e.groups); e.at = (position{Group: e.at.Group + 1, Chunk: e.first}) {
		for e.at.Chunk < e.last {
			batch := e.at.Chunk / perBatch
			end := min(e.last, (batch+1)*perBatch)
			if err := e.sum(ctx, e.groups[e.at.Group], batch, end); err != nil {
				return err
			}
			e.at, e.accumulators = position{Group: e.at.Group, Chunk: end}, nil
		}
	}
	return nil
}

// done is the number of products before the position.
func (e *evaluation) done() int {
	chunks := 0
	for _, g := range e.groups[:e.at.Group] {
		chunks += len(g.lanes) * (e.last - e.first)
	}
	return chunks + len(e.groups[e.at.Group].lanes)*(e.at.Chunk-e.first) + e.at.Products
}

// newAccumulators starts the sums of a group.
func (e *evaluation) newAccumulators(g group) {
	e.accumulators = make([]he.Accumulator, len(g.lanes))
	for i, l := range g.lanes {
		local := make([]int, len(l.columns))
		for k, column := range l.columns {
			local[k], _ = slices.BinarySearch(g.columns, column)
		}
		e.accumulators[i] = e.Engine.NewAccumulator(local)
	}
}

// sum sums the chunks from the position to last, all of one batch, for a group, and
// writes the sums.
func (e *evaluation) sum(ctx context.Context, g group, batch, last int) error {
	if e.accumulators == nil {
		e.newAccumulators(g)
	}
	first, start, lanes := e.at.Chunk, e.at.Products, len(g.lanes)
	tasks, tasksCtx := errgroup.WithContext(ctx)
	expanded := make(chan he.Constants)
	tasks.Go(func() error {
		defer close(expanded)
		x := expansion{evaluation: e, columns: g.columns, tile: -1}
		for chunk := first + start/lanes; chunk < last; chunk++ {
			constants, err := x.expand(chunk)
			if err != nil {
				return err
			}
			if err := send(tasksCtx, expanded, constants); err != nil {
				return err
			}
		}
		return nil
	})
	read := make(chan readChunks)
	tasks.Go(func() error {
		defer close(read)
		for p := start; p < (last-first)*lanes; {
			from := p % lanes
			to := min(from+e.lanesAtATime(), lanes)
			r, err := e.read(tasksCtx, g.lanes[from:to], e.accumulators[from:to], first+p/lanes)
			if err != nil {
				return err
			}
			if err := send(tasksCtx, read, r); err != nil {
				return err
			}
			p += to - from
		}
		return nil
	})
	tasks.Go(func() error {
		for constants := range expanded {
			for left := lanes - e.at.Products%lanes; left > 0; {
				r, ok := <-read
				if !ok {
					return tasksCtx.Err()
				}
				if err := tasksCtx.Err(); err != nil {
					return err
				}
				if err := e.add(constants, r); err != nil {
					return err
				}
				left -= len(r.products)
			}
			constants.Release()
		}
		return nil
	})
	if err := tasks.Wait(); err != nil {
		return err
	}
	return e.write(ctx, g, batch)
}

// add adds chunks, and saves a checkpoint where one is due.
func (e *evaluation) add(constants he.Constants, r readChunks) error {
	if err := verified(e.Engine.Add(constants, r.products), r.finish); err != nil {
		e.broken = true
		return err
	}
	e.memory.give(r.memory)
	e.at.Products += len(r.products)
	e.Progress.report(e.done(), e.total)
	if e.isDue() {
		return e.save()
	}
	return nil
}

// write relinearises and writes the sums of a batch. An interrupt waits for the end
// of it (10 ms of a core a sum): accumulators are used up by and by.
func (e *evaluation) write(ctx context.Context, g group, batch int) error {
	return e.parallel(context.WithoutCancel(ctx), len(g.lanes), func(i int) error {
		sums, err := e.accumulators[i].Sums()
		if err != nil {
			return err
		}
		l := g.lanes[i]
		for k, sum := range sums {
			if err := e.writer.WriteChunk(e.index[sumEntry{batch, l.block, l.plane, l.columns[k]}], bytesOf(sum.Residues)); err != nil {
				return err
			}
		}
		return nil
	})
}

// parallel calls do(0) … do(n−1) on up to Threads goroutines.
func (e *evaluation) parallel(ctx context.Context, n int, do func(i int) error) error {
	return parallel(ctx, e.Threads, n, do)
}

func parallel(ctx context.Context, threads, n int, do func(i int) error) error {
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(threads)
	for i := range n {
		tasks.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(i)
		})
	}
	return tasks.Wait()
}

// An expansion expands columns chunk after chunk; the packed columns of the tile
// at hand stay in memory.
type expansion struct {
	*evaluation
	columns []int
	tile    int
	he.Expansion
}

func (x *expansion) expand(chunk int) (he.Constants, error) {
	from, to := x.Cohort.chunkRange(chunk)
	n := x.meta.Params.N()
	if tile := from / n; tile != x.tile {
		var packed []he.SeededCiphertext
		for _, column := range x.columns {
			p, err := x.Traits.packed(tile, column)
			if err != nil {
				return nil, err
			}
			packed = append(packed, p)
		}
		x.tile, x.Expansion = tile, x.Engine.NewExpansion(packed)
	}
	base := x.tile * n
	return x.Expand(from-base, to-base)
}

// readChunks are chunks of the same samples, ready to be multiplied, what verifies them
// afterwards, and their memory.
type readChunks struct {
	products []he.Product
	finish   []func() error
	memory   []*chunkfile.Mapping
}

// read reads one chunk of samples for some lanes, in parallel.
func (e *evaluation) read(ctx context.Context, lanes []lane, accumulators []he.Accumulator, chunk int) (readChunks, error) {
	memory, err := e.memory.take(ctx, len(lanes))
	r := readChunks{make([]he.Product, len(lanes)), make([]func() error, len(lanes)), memory}
	if err != nil {
		return r, err
	}
	return r, e.parallel(ctx, len(lanes), func(i int) (err error) {
		p := &r.products[i]
		p.Accumulator = accumulators[i]
		p.Chunk, r.finish[i], err = e.Cohort.ReadChunk(r.memory[i], lanes[i].block, lanes[i].plane, chunk)
		return err
	})
}

// send sends, or gives up when the context ends.
func send[T any](ctx context.Context, c chan<- T, x T) error {
	select {
	case c <- x:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
