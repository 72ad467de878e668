package pipeline

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// RunJob evaluates encrypted traits on an encrypted cohort. It holds no secret.
type RunJob struct {
	Cohort   *Cohort
	Traits   *Traits
	Keys     *he.EvaluationKeys
	Engine   he.Engine
	Shard    Shard
	Path     string // .sums file
	Threads  int
	Memory   int64    // bytes for accumulators; bounds the blocks in flight
	Progress Progress // chunk × block × plane products
}

// A Shard is part Index of Count, counted from 1: a range of samples.
type Shard struct{ Index, Count int }

// Whole is the only shard of one.
var Whole = Shard{1, 1}

// ParseShard reads "i/n".
func ParseShard(text string) (Shard, error) {
	index, count, _ := strings.Cut(text, "/")
	i, errIndex := strconv.Atoi(index)
	n, errCount := strconv.Atoi(count)
	if errIndex != nil || errCount != nil || i < 1 || i > n {
		return Shard{}, fmt.Errorf("shard %q is not i/n with 1 ≤ i ≤ n", text)
	}
	return Shard{i, n}, nil
}

// chunks is the shard's range of chunks out of n. Some shards are empty where
// there are more shards than chunks.
func (s Shard) chunks(n int) (from, to int) {
	return n * (s.Index - 1) / s.Count, n * s.Index / s.Count
}

// A lane is one block and plane: what one accumulator sums.
type lane struct {
	block int
	plane Plane
}

// Run evaluates and writes the .sums file.
//
// Loop order: groups of lanes whose accumulators fit Memory; within a group,
// batches, then chunks of samples; within a chunk, all lanes in parallel. A
// column is so expanded once per chunk and group, and the constants of the next
// chunk are expanded in the background.
func (r *RunJob) Run(ctx context.Context) error {
	if err := r.check(); err != nil {
		return err
	}
	first, last := r.Shard.chunks(r.Cohort.Chunks())
	meta := r.meta(first, last)
	w, index, err := meta.create(r.Path)
	if err != nil {
		return err
	}
	defer w.Abort()

	lanes := meta.lanes()
	state := &evaluation{RunJob: r, meta: meta, writer: w, index: index, total: len(lanes) * (last - first), tile: -1}
	perBatch := r.Cohort.Params.Batch() / he.ChunkSamples
	for _, group := range r.groups(meta, lanes) {
		for at := first; at < last; {
			batch := at / perBatch
			end := min(last, (batch+1)*perBatch)
			if err := state.sum(ctx, group, batch, at, end); err != nil {
				return err
			}
			at = end
		}
	}
	_, err = w.Commit()
	return err
}

// check refuses files that do not belong together.
func (r *RunJob) check() error {
	switch {
	case r.Traits.Cohort != r.Cohort.Fingerprint:
		return fmt.Errorf("%s: was encrypted for another cohort; encrypt the traits with this cohort's index", r.Traits.file.Name())
	case r.Traits.KeyID != r.Cohort.KeyID || keyID(r.Keys.KeyID) != r.Cohort.KeyID:
		return fmt.Errorf("keys differ: cohort %s, traits %s, evaluation keys %s", r.Cohort.KeyID, r.Traits.KeyID, keyID(r.Keys.KeyID))
	case !r.Keys.Chain.Equal(r.Cohort.Params.Chain()):
		return fmt.Errorf("the evaluation keys are for another parameter set than the cohort; make them with 'genoveil keygen' of the same version")
	case !r.Traits.Params.Equal(r.Cohort.Params) || r.Traits.Samples != r.Cohort.Samples:
		return fmt.Errorf("%s: has another parameter set or number of samples than the cohort", r.Traits.file.Name())
	}
	return nil
}

func (r *RunJob) meta(first, last int) *SumsMeta {
	m := &SumsMeta{
		QueryID: r.Traits.QueryID, Cohort: r.Cohort.Fingerprint, Traits: r.Traits.Fingerprint(), KeyID: r.Cohort.KeyID,
		Params: r.Cohort.Params, Samples: r.Cohort.Samples, Blocks: r.Cohort.Blocks, Planes: r.Traits.Planes, Components: 2,
	}
	if first < last {
		from, _ := r.Cohort.chunkRange(first)
		_, to := r.Cohort.chunkRange(last - 1)
		m.Parts = []Part{{from, to}}
	}
	return m
}

// groups cuts the lanes into runs whose accumulators fit the memory; a run has at
// least one lane.
func (r *RunJob) groups(meta *SumsMeta, lanes []lane) [][]lane {
	var groups [][]lane
	left := int64(0)
	for _, l := range lanes {
		size := int64(len(meta.Planes[l.plane])) * 4 * int64(meta.Params.Chain().SumLen(3))
		if left < size {
			groups = append(groups, nil)
			left = max(r.Memory, size)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], l)
		left -= size
	}
	return groups
}

// An evaluation is a run under way.
type evaluation struct {
	*RunJob
	meta        *SumsMeta
	writer      *chunkfile.Writer
	index       map[sumEntry]int
	buffers     sync.Pool
	done, total int

	tile    int // whose packed columns are in memory
	columns []he.PackedColumn
}

// sum sums chunks [first, last), all of one batch, for the lanes, and writes the
// sums.
func (e *evaluation) sum(ctx context.Context, lanes []lane, batch, first, last int) error {
	accumulators := make([]he.Accumulator, len(lanes))
	for i, l := range lanes {
		accumulators[i] = e.Engine.NewAccumulator(e.meta.Planes[l.plane])
	}
	group, ctx := errgroup.WithContext(ctx)
	expanded := make(chan he.Constants)
	group.Go(func() error {
		defer close(expanded)
		for chunk := first; chunk < last; chunk++ {
			constants, err := e.expand(chunk)
			if err != nil {
				return err
			}
			select {
			case expanded <- constants:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	group.Go(func() error {
		chunk := first
		for constants := range expanded {
			err := e.parallel(ctx, len(lanes), func(i int) error {
				return e.add(accumulators[i], lanes[i], chunk, constants)
			})
			if err != nil {
				return err
			}
			e.done += len(lanes)
			e.Progress.report(e.done, e.total)
			chunk++
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return e.parallel(context.WithoutCancel(ctx), len(lanes), func(i int) error {
		sums, err := accumulators[i].Sums()
		if err != nil {
			return err
		}
		var parts [][]byte
		for _, sum := range sums {
			parts = append(parts, bytesOf(sum.Residues))
		}
		return e.writer.WriteChunk(e.index[sumEntry{batch, lanes[i].block, lanes[i].plane}], parts...)
	})
}

// parallel calls do(0) … do(n−1) on up to Threads goroutines.
func (e *evaluation) parallel(ctx context.Context, n int, do func(i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(e.Threads)
	for i := range n {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(i)
		})
	}
	return group.Wait()
}

// expand expands all columns for the samples of a chunk.
func (e *evaluation) expand(chunk int) (he.Constants, error) {
	from, to := e.Cohort.chunkRange(chunk)
	n := e.meta.Params.N()
	if tile := from / n; tile != e.tile {
		columns, err := e.Traits.packed(tile)
		if err != nil {
			return nil, err
		}
		e.tile, e.columns = tile, columns
	}
	base := e.tile * n
	return e.Engine.Expand(e.columns, from-base, to-base)
}

// add reads one chunk and adds its products.
func (e *evaluation) add(acc he.Accumulator, l lane, index int, constants he.Constants) error {
	buf, _ := e.buffers.Get().(*[]uint32)
	if buf == nil {
		buf = new([]uint32)
	}
	defer e.buffers.Put(buf)
	var chunk he.Chunk
	if err := e.Cohort.ReadChunk(&chunk, buf, l.block, l.plane, index); err != nil {
		return err
	}
	return acc.Add(chunk, constants)
}
