package site

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/zeebo/blake3"
	"github.com/zeebo/xxh3"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/parallel"
)

const RunKind = "checkpoint of a run"

// runWork is all that determines a .sums file.
type runWork struct {
	Sums format.SumsMeta `json:"sums"`
	Keys string          `json:"keys"` // hash of the evaluation keys, of which a secret may have several
}

// runState is what a checkpoint says of a run. Its chunks are the table of the
// unfinished .sums file, and the accumulators of all lanes and columns of the group
// if a product was added to them.
type runState struct {
	File     string                `json:"file"`
	Memory   int64                 `json:"memory"` // that the groups were cut for
	Groups   chunkfile.Fingerprint `json:"groups"` // of how they were cut
	Position position              `json:"position"`
}

// A position is how far an evaluation has come: groups and batches that are
// written, and products added to the accumulators of the next.
type position struct {
	Group    int `json:"group"`
	Chunk    int `json:"chunk"`    // first of the batch under way
	Products int `json:"products"` // chunks × lanes of it
}

// An evaluation is a run under way: work whose stretches are the batches of a group of
// lanes and columns that fit Memory. A column is so expanded once per chunk and group.
type evaluation struct {
	*RunJob
	meta        *format.SumsMeta
	writer      *chunkfile.Writer
	index       map[format.SumEntry]int
	memory      int64 // that the groups are cut for
	groups      []group
	first, last int // chunks of samples

	at           position
	accumulators []he.Accumulator // of the group and batch under way, by lane
	tile         int              // of N samples, whose packed columns are being expanded
	expansion    he.Expansion
}

func (e *evaluation) prepare(context.Context) (any, error) {
	e.meta = e.RunJob.meta()
	e.first, e.last = e.Shard.Chunks(e.Cohort.Chunks())
	return runWork{*e.meta, keysHash(e.Keys)}, nil
}

func (e *evaluation) begin() (err error) {
	e.cut(e.Memory)
	e.writer, e.index, err = e.meta.Create(e.Path)
	return err
}

// cut cuts the work for so much memory, of which nothing is done.
func (e *evaluation) cut(memory int64) {
	e.memory, e.groups = memory, e.RunJob.groups(e.meta.Lanes(), memory)
	e.at, e.accumulators = position{Chunk: e.first}, nil
}

func (e *evaluation) progress() (done, total int) {
	for i, g := range e.groups {
		n := len(g.lanes) * (e.last - e.first)
		total += n
		switch {
		case i < e.at.Group:
			done += n
		case i == e.at.Group:
			done += len(g.lanes)*(e.at.Chunk-e.first) + e.at.Products
		}
	}
	return done, total
}

// perBatch is the number of chunks of samples in a batch.
func (e *evaluation) perBatch() int { return e.meta.Params.Batch() / he.ChunkSamples }

// batchEnd is the end of the batch that a chunk is in.
func (e *evaluation) batchEnd(chunk int) int {
	return min(e.last, (chunk/e.perBatch()+1)*e.perBatch())
}

func (e *evaluation) next() *stretch {
	if e.at.Chunk == e.last {
		e.at = position{Group: e.at.Group + 1, Chunk: e.first}
	}
	if e.first == e.last || e.at.Group == len(e.groups) {
		return nil
	}
	g := &e.groups[e.at.Group]
	if e.accumulators == nil {
		e.newAccumulators(g)
	}
	e.tile = -1
	return &stretch{
		first: e.at.Chunk + e.at.Products/len(g.lanes), last: e.batchEnd(e.at.Chunk), done: e.at.Products % len(g.lanes),
		lanes: len(g.lanes), lane: func(i int) (int, format.Plane) { return g.lanes[i].Block, g.lanes[i].Plane },
		atATime: e.lanesAtATime(e.memory),
	}
}

// newAccumulators starts the sums of a group.
func (e *evaluation) newAccumulators(g *group) {
	e.accumulators = make([]he.Accumulator, len(g.lanes))
	for i, l := range g.lanes {
		local := make([]int, len(l.Columns))
		for k, column := range l.Columns {
			local[k], _ = slices.BinarySearch(g.columns, column)
		}
		e.accumulators[i] = e.Engine.NewAccumulator(local)
	}
}

// step expands columns chunk after chunk; the packed columns of the tile at hand stay in
// memory.
func (e *evaluation) step(chunk int) (step, error) {
	from, to := e.Cohort.ChunkRange(chunk)
	n := e.meta.Params.N()
	if tile := from / n; tile != e.tile {
		var packed []he.SeededCiphertext
		for _, column := range e.groups[e.at.Group].columns {
			p, err := e.Traits.Packed(tile, column)
			if err != nil {
				return nil, err
			}
			packed = append(packed, p)
		}
		e.tile, e.expansion = tile, e.Engine.NewExpansion(packed)
	}
	constants, err := e.expansion.Expand(from-e.tile*n, to-e.tile*n)
	return sumStep{e, constants}, err
}

// A sumStep multiplies by the constants of a chunk of samples.
type sumStep struct {
	*evaluation
	constants he.Constants
}

func (s sumStep) add(first int, chunks []he.Chunk) error {
	products := make([]he.Product, len(chunks))
	for i, chunk := range chunks {
		products[i] = he.Product{Chunk: chunk, Accumulator: s.accumulators[first+i]}
	}
	s.at.Products += len(products)
	return s.Engine.Add(s.constants, products)
}

func (s sumStep) end() error {
	s.constants.Release()
	return nil
}

// finish relinearises and writes the sums of a batch. An interrupt waits for the end
// of it (10 ms of a core a sum): accumulators are used up by and by.
func (e *evaluation) finish(ctx context.Context) error {
	e.expansion = nil // its memory is free from here on
	g := &e.groups[e.at.Group]
	batch := e.at.Chunk / e.perBatch()
	err := parallel.Each(context.WithoutCancel(ctx), e.Threads, len(g.lanes), func(i int) error {
		sums, err := e.accumulators[i].Sums()
		if err != nil {
			return err
		}
		l := g.lanes[i]
		for k, sum := range sums {
			if err := e.writer.WriteChunk(e.index[format.SumEntry{Batch: batch, Block: l.Block, Plane: l.Plane, Column: l.Columns[k]}], format.BytesOf(sum.Residues)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		e.at, e.accumulators = position{Group: e.at.Group, Chunk: e.batchEnd(e.at.Chunk)}, nil
	}
	return err
}

func (e *evaluation) commit(context.Context) error {
	_, err := e.writer.Commit()
	return err
}

func (e *evaluation) leave(keep bool) error {
	switch {
	case e.writer == nil:
		return nil
	case keep:
		return e.writer.Keep()
	}
	e.writer.Abort()
	return nil
}

func (e *evaluation) snapshot() (*snapshot, error) {
	name, table, err := e.writer.Save()
	if err != nil {
		return nil, err
	}
	s := &snapshot{state: runState{name, e.memory, hashOfGroups(e.groups), e.at}, sizes: []int64{int64(len(table))}}
	if e.at.Products > 0 {
		s.sizes = append(s.sizes, slices.Repeat([]int64{int64(4 * e.meta.Params.Chain().SumLen(3))}, e.groups[e.at.Group].sums())...)
	}
	s.write = func(w *chunkfile.Writer) error {
		if err := w.WriteChunk(0, table); err != nil || len(s.sizes) == 1 {
			return err
		}
		return e.eachSum(func(i, lane, k int, residues []uint32) error {
			if err := e.accumulators[lane].Save(k, residues); err != nil {
				return err
			}
			return w.WriteChunk(1+i, format.BytesOf(residues))
		})
	}
	return s, nil
}

func (e *evaluation) restore(saved *chunkfile.Reader, text json.RawMessage) ([]string, error) {
	var state runState
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, err
	}
	e.cut(state.Memory)
	if state.Groups != hashOfGroups(e.groups) {
		return nil, errForeign
	}
	at, n := state.Position, 0
	switch {
	case at.Group < 0 || at.Group >= len(e.groups) || at.Chunk < e.first || at.Chunk >= e.last,
		at.Chunk != e.first && at.Chunk%e.perBatch() != 0:
		return nil, errors.New("it is not at a batch of this shard")
	case at.Products < 0 || at.Products > len(e.groups[at.Group].lanes)*(e.batchEnd(at.Chunk)-at.Chunk):
		return nil, errors.New("it has more products than the batch")
	}
	if at.Products > 0 {
		n = e.groups[at.Group].sums()
	}
	if saved.Chunks() != 1+n {
		return nil, fmt.Errorf("it has %d chunks instead of %d", saved.Chunks(), 1+n)
	}
	sizes, index := format.Layout(e.meta.Params.Chain(), e.meta.Entries())
	table := make([]byte, chunkfile.SavedLen(len(sizes)))
	if err := saved.Chunk(0, table); err != nil {
		return nil, err
	}
	e.at, e.index = at, index
	if n > 0 {
		e.newAccumulators(&e.groups[at.Group])
		err := e.eachSum(func(i, lane, k int, residues []uint32) error {
			if err := saved.Chunk(1+i, format.BytesOf(residues)); err != nil {
				return err
			}
			return e.accumulators[lane].Restore(k, residues)
		})
		if err != nil {
			return nil, err
		}
	}
	var err error
	e.writer, err = chunkfile.Continue(e.Path, format.SumsKind, e.meta, sizes, state.File, table)
	if errors.Is(err, fs.ErrNotExist) && isComplete(e.Path, e.meta) {
		err = errComplete
	}
	return []string{state.File}, err
}

// hashOfGroups identifies how the work is cut into groups.
func hashOfGroups(groups []group) chunkfile.Fingerprint {
	return blake3.Sum256(fmt.Append(nil, groups))
}

// sums is the number of running sums of the group.
func (g *group) sums() int {
	n := 0
	for _, l := range g.lanes {
		n += len(l.Columns)
	}
	return n
}

// eachSum calls do for every running sum, lanes in parallel: for number i, of a
// lane's column k, and with memory for its residues. Nothing interrupts it: an interrupt is
// a reason to save.
func (e *evaluation) eachSum(do func(i, lane, k int, residues []uint32) error) error {
	lanes := e.groups[e.at.Group].lanes
	starts := make([]int, len(lanes))
	for i := range lanes[1:] {
		starts[i+1] = starts[i] + len(lanes[i].Columns)
	}
	return parallel.Each(context.Background(), e.Threads, len(lanes), func(lane int) error {
		residues := make([]uint32, e.meta.Params.Chain().SumLen(3))
		for k := range lanes[lane].Columns {
			if err := do(starts[lane]+k, lane, k, residues); err != nil {
				return err
			}
		}
		return nil
	})
}

// keysHash identifies evaluation keys by content.
func keysHash(keys *he.EvaluationKeys) string {
	hash := xxh3.New()
	for _, key := range keys.Expand {
		hash.Write(format.BytesOf(key))
	}
	hash.Write(format.BytesOf(keys.Relinearize))
	sum := hash.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}

// isComplete says whether path is a whole, undamaged .sums file with this header.
func isComplete(path string, meta *format.SumsMeta) bool {
	r, err := chunkfile.OpenLimit(path, format.SumsKind, chunkfile.MaxHeader)
	if err != nil {
		return false
	}
	defer r.Close()
	var there json.RawMessage
	expected, err := json.Marshal(meta)
	if err != nil || r.Meta(&there) != nil || !bytes.Equal(there, expected) {
		return false
	}
	var buf []byte
	for i := range r.Chunks() {
		buf = slices.Grow(buf[:0], int(r.Size(i)))[:r.Size(i)]
		if r.Chunk(i, buf) != nil {
			return false
		}
	}
	return true
}
