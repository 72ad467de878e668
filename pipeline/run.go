package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"
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
	Memory   int64    // bytes for constants and accumulators
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

// Run evaluates and writes the .sums file.
//
// Loop order: slabs of columns and groups of lanes that fit Memory; within one,
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

	groups := r.groups(meta.lanes())
	e := &evaluation{RunJob: r, meta: meta, writer: w, index: index}
	for _, g := range groups {
		e.total += len(g.lanes) * (last - first)
	}
	perBatch := r.Cohort.Params.Batch() / he.ChunkSamples
	for _, g := range groups {
		for at := first; at < last; {
			batch := at / perBatch
			end := min(last, (batch+1)*perBatch)
			if err := e.sum(ctx, g, batch, at, end); err != nil {
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
		return fmt.Errorf("the evaluation keys are for another parameter set; this cohort has %s, which take %s", r.Cohort.Genotypes, map[Encoding]string{
			HardCalls: "eval.key", Dosages: "eval-dosage.key ('genoveil keygen --dosage' makes it)"}[r.Cohort.Genotypes])
	case !r.Traits.Params.Equal(r.Cohort.Params) || r.Traits.Samples != r.Cohort.Samples:
		return fmt.Errorf("%s: has another parameter set or number of samples than the cohort", r.Traits.file.Name())
	}
	return nil
}

func (r *RunJob) meta(first, last int) *SumsMeta {
	m := &SumsMeta{
		QueryID: r.Traits.QueryID, Cohort: r.Cohort.Fingerprint, Traits: r.Traits.Fingerprint(), KeyID: r.Cohort.KeyID,
		Params: r.Cohort.Params, Samples: r.Cohort.Samples, Blocks: r.Cohort.Blocks, Sections: r.Traits.Sections, Components: 2,
	}
	if first < last {
		from, _ := r.Cohort.chunkRange(first)
		_, to := r.Cohort.chunkRange(last - 1)
		m.Parts = []Part{{from, to}}
	}
	return m
}

// A group is what is evaluated in one pass over the samples: lanes, and the
// columns (positions) that they need.
type group struct {
	columns []int
	lanes   []lane
}

// groups cuts the work so that constants and accumulators take half the memory
// each: columns into slabs, and for each slab the lanes into runs. A slab has at
// least one column and a run at least one lane.
func (r *RunJob) groups(lanes []lane) []group {
	chain := r.Cohort.Params.Chain()
	// Constants of one chunk are in use while those of the next are made.
	constant := 2 * he.ChunkSamples * 4 * int64(chain.SumLen(2))
	accumulator := 4 * int64(chain.SumLen(3))
	var all []int
	for _, l := range lanes {
		all = append(all, l.columns...)
	}
	var groups []group
	for slab := range slices.Chunk(union(all), int(max(1, min(r.Memory/2/constant, math.MaxInt32)))) {
		left := int64(-1)
		for _, l := range lanes {
			columns := intersection(l.columns, slab)
			if len(columns) == 0 {
				continue
			}
			if size := int64(len(columns)) * accumulator; left < size {
				groups = append(groups, group{})
				left = max(r.Memory/2, size)
			}
			g := &groups[len(groups)-1]
			g.lanes = append(g.lanes, lane{l.block, l.plane, columns})
			g.columns = union(append(g.columns, columns...))
			left -= int64(len(columns)) * accumulator
		}
	}
	return groups
}

// intersection keeps what is in the ascending slab.
func intersection(a, slab []int) []int {
	var both []int
	for _, x := range a {
		if _, ok := slices.BinarySearch(slab, x); ok {
			both = append(both, x)
		}
	}
	return both
}

// An evaluation is a run under way.
type evaluation struct {
	*RunJob
	meta        *SumsMeta
	writer      *chunkfile.Writer
	index       map[sumEntry]int
	buffers     sync.Pool
	done, total int
}

// sum sums chunks [first, last), all of one batch, for a group, and writes the
// sums.
func (e *evaluation) sum(ctx context.Context, g group, batch, first, last int) error {
	accumulators := make([]he.Accumulator, len(g.lanes))
	for i, l := range g.lanes {
		local := make([]int, len(l.columns))
		for k, column := range l.columns {
			local[k], _ = slices.BinarySearch(g.columns, column)
		}
		accumulators[i] = e.Engine.NewAccumulator(local)
	}
	tasks, tasksCtx := errgroup.WithContext(ctx)
	expanded := make(chan he.Constants)
	tasks.Go(func() error {
		defer close(expanded)
		x := expansion{evaluation: e, columns: g.columns, tile: -1}
		for chunk := first; chunk < last; chunk++ {
			constants, err := x.expand(chunk)
			if err != nil {
				return err
			}
			select {
			case expanded <- constants:
			case <-tasksCtx.Done():
				return tasksCtx.Err()
			}
		}
		return nil
	})
	tasks.Go(func() error {
		chunk := first
		for constants := range expanded {
			err := e.parallel(tasksCtx, len(g.lanes), func(i int) error {
				return e.add(accumulators[i], g.lanes[i], chunk, constants)
			})
			constants.Release()
			if err != nil {
				return err
			}
			e.done += len(g.lanes)
			e.Progress.report(e.done, e.total)
			chunk++
		}
		return nil
	})
	if err := tasks.Wait(); err != nil {
		return err
	}
	return e.parallel(ctx, len(g.lanes), func(i int) error {
		sums, err := accumulators[i].Sums()
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
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(e.Threads)
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
		var packed []he.PackedColumn
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
