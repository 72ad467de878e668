package pipeline

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

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
	Memory   int64    // bytes for constants, accumulators and chunks
	Progress Progress // chunk × block × plane products
}

// A Shard is part Index of Count, counted from 1: a range of samples in a run, every
// Count-th block in the encryption of genotypes.
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

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// owns says whether the shard has to encrypt a block.
func (s Shard) owns(block int) bool { return block%s.Count == s.Index-1 }

// chunks is the shard's range of chunks out of n. Some shards are empty where
// there are more shards than chunks.
func (s Shard) chunks(n int) (from, to int) {
	return n * (s.Index - 1) / s.Count, n * s.Index / s.Count
}

// Run evaluates and writes the .sums file.
//
// Loop order: slabs of columns and groups of lanes that fit Memory; within one,
// batches, then chunks of samples; within a chunk, a few lanes at a time, each
// multiplied by all goroutines together. A column is so expanded once per chunk
// and group. While chunks are multiplied the next ones are read, and the constants
// of the next samples are expanded.
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
	e.free = make(chan *[]uint32, 2*r.lanesAtATime())
	for range cap(e.free) {
		e.free <- new([]uint32)
	}
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

// lanesAtATime is the number of lanes whose chunks are multiplied together: an
// eighth of the memory holds those and as many that are being read. Constants come
// from memory once for all of them (docs/performance.md).
func (r *RunJob) lanesAtATime() int {
	chunk := 4 * int64(r.Cohort.Params.Chain().ChunkLen(he.ChunkSamples))
	return int(min(max(1, r.Memory/8/(2*chunk)), 16))
}

// groups cuts the work so that constants take half the memory and accumulators
// three eighths: columns into slabs, and for each slab the lanes into runs. A slab
// has at least one column and a run at least one lane.
func (r *RunJob) groups(lanes []lane) []group {
	chain := r.Cohort.Params.Chain()
	// Constants of one chunk are in use while those of the next are made; an
	// expansion keeps about a dozen nodes of each column's tree.
	node := 2 * 4 * int64(len(chain.Trait())+1) * int64(chain.N())
	constant := 2*he.ChunkSamples*4*int64(chain.SumLen(2)) + 12*node
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
				left = max(r.Memory/8*3, size)
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
	free        chan *[]uint32 // memory for chunks
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
			if err := send(tasksCtx, expanded, constants); err != nil {
				return err
			}
		}
		return nil
	})
	read := make(chan readChunks)
	tasks.Go(func() error {
		defer close(read)
		for chunk := first; chunk < last; chunk++ {
			for from := 0; from < len(g.lanes); from += e.lanesAtATime() {
				to := min(from+e.lanesAtATime(), len(g.lanes))
				r, err := e.read(tasksCtx, g.lanes[from:to], accumulators[from:to], chunk)
				if err != nil {
					return err
				}
				if err := send(tasksCtx, read, r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	tasks.Go(func() error {
		for constants := range expanded {
			for left := len(g.lanes); left > 0; {
				r, ok := <-read
				if !ok {
					return tasksCtx.Err()
				}
				if err := e.Engine.Add(constants, r.products); err != nil {
					return err
				}
				for _, buf := range r.buffers {
					e.free <- buf
				}
				left -= len(r.products)
				e.done += len(r.products)
				e.Progress.report(e.done, e.total)
			}
			constants.Release()
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

// readChunks are chunks of the same samples, ready to be multiplied, and their
// memory.
type readChunks struct {
	products []he.Product
	buffers  []*[]uint32
}

// read reads one chunk of samples for some lanes, in parallel.
func (e *evaluation) read(ctx context.Context, lanes []lane, accumulators []he.Accumulator, chunk int) (readChunks, error) {
	r := readChunks{products: make([]he.Product, len(lanes))}
	for range lanes {
		select {
		case buf := <-e.free:
			r.buffers = append(r.buffers, buf)
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
	return r, e.parallel(ctx, len(lanes), func(i int) error {
		r.products[i].Accumulator = accumulators[i]
		return e.Cohort.ReadChunk(&r.products[i].Chunk, r.buffers[i], lanes[i].block, lanes[i].plane, chunk)
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
