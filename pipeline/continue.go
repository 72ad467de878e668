package pipeline

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"github.com/zeebo/blake3"
	"github.com/zeebo/xxh3"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

const runKind = "checkpoint of a run"

// runWork is all that determines a .sums file.
type runWork struct {
	Sums SumsMeta `json:"sums"`
	Keys string   `json:"keys"` // hash of the evaluation keys, of which a secret may have several
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

// start continues from the checkpoint, or begins. It returns nil if the .sums file
// is complete already.
func (r *RunJob) start(lock *Lock) (*evaluation, error) {
	first, last := r.Shard.chunks(r.Cohort.Chunks())
	meta := r.meta(first, last)
	checkpoint, err := NewCheckpoint(r.Path, runKind, runWork{*meta, keysHash(r.Keys)})
	if err != nil {
		return nil, err
	}
	begin := func(memory int64) *evaluation {
		job := *r
		job.Memory = memory
		e := &evaluation{RunJob: &job, meta: meta, checkpoint: checkpoint, first: first, last: last, at: position{Chunk: first}, lastSave: time.Now()}
		e.groups = job.groups(meta.lanes())
		for _, g := range e.groups {
			e.total += len(g.lanes) * (last - first)
		}
		e.memory = newMappings(2 * job.lanesAtATime())
		return e
	}

	var state runState
	saved, err := checkpoint.Open(&state)
	if err == nil {
		defer saved.Close()
		e := begin(state.Memory)
		err = e.restore(saved, &state)
		if err == nil {
			r.logger().Info(fmt.Sprintf("continuing from %s: %d of %d chunks done", checkpoint.Path(), e.done(), e.total), "done", e.done(), "total", e.total, "continued", true)
			return e, r.clean(lock, checkpoint, state.File)
		}
		// Killed after the file got its name and before the checkpoint was deleted.
		if errors.Is(err, fs.ErrNotExist) && isComplete(r.Path, meta) {
			return nil, errors.Join(r.clean(lock, checkpoint), checkpoint.Remove())
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) || saved != nil {
		r.logger().Warn(fmt.Sprintf("starting from the beginning, %s cannot be used: %v", checkpoint.Path(), err))
	}
	if err := r.clean(lock, checkpoint); err != nil {
		return nil, err
	}
	e := begin(r.Memory)
	e.writer, e.index, err = meta.create(r.Path)
	return e, err
}

// clean deletes temporary files of killed runs, but for the one to continue.
func (r *RunJob) clean(lock *Lock, checkpoint *Checkpoint, keep ...string) error {
	return errors.Join(lock.Clean(r.Path, keep...), lock.Clean(checkpoint.Path()))
}

func (r *RunJob) logger() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}

// keysHash identifies evaluation keys by content.
func keysHash(keys *he.EvaluationKeys) string {
	hash := xxh3.New()
	for _, key := range keys.Expand {
		hash.Write(bytesOf(key))
	}
	hash.Write(bytesOf(keys.Relinearize))
	sum := hash.Sum128().Bytes()
	return hex.EncodeToString(sum[:])
}

// isComplete says whether path is a whole, undamaged .sums file with this header.
func isComplete(path string, meta *SumsMeta) bool {
	r, err := chunkfile.OpenLimit(path, sumsKind, chunkfile.MaxHeader)
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

// cut identifies how the work is cut into groups.
func cut(groups []group) chunkfile.Fingerprint { return blake3.Sum256(fmt.Append(nil, groups)) }

// restore continues from a checkpoint, or fails and leaves everything as it is.
func (e *evaluation) restore(saved *chunkfile.Reader, state *runState) error {
	if state.Groups != cut(e.groups) {
		return errForeign
	}
	sizes, index := e.meta.layout()
	at, n := state.Position, 0
	perBatch := e.Cohort.Params.Batch() / he.ChunkSamples
	switch {
	case at.Group < 0 || at.Group >= len(e.groups) || at.Chunk < e.first || at.Chunk >= e.last,
		at.Chunk != e.first && at.Chunk%perBatch != 0:
		return errors.New("it is not at a batch of this shard")
	case at.Products < 0 || at.Products > len(e.groups[at.Group].lanes)*(min(e.last, (at.Chunk/perBatch+1)*perBatch)-at.Chunk):
		return errors.New("it has more products than the batch")
	}
	if at.Products > 0 {
		n = e.groups[at.Group].sums()
	}
	if saved.Chunks() != 1+n {
		return fmt.Errorf("it has %d chunks instead of %d", saved.Chunks(), 1+n)
	}
	table := make([]byte, chunkfile.SavedLen(len(sizes)))
	if err := saved.Chunk(0, table); err != nil {
		return err
	}
	e.at = at
	if n > 0 {
		e.newAccumulators(e.groups[at.Group])
		err := e.eachSum(context.Background(), func(i, lane, k int, residues []uint32) error {
			if err := saved.Chunk(1+i, bytesOf(residues)); err != nil {
				return err
			}
			return e.accumulators[lane].Restore(k, residues)
		})
		if err != nil {
			return err
		}
	}
	var err error
	if e.writer, err = chunkfile.Continue(e.Path, sumsKind, e.meta, sizes, state.File, table); err != nil {
		return err
	}
	e.index, e.saved = index, true
	return nil
}

// sums is the number of running sums of the group.
func (g *group) sums() int {
	n := 0
	for _, l := range g.lanes {
		n += len(l.columns)
	}
	return n
}

// eachSum calls do for every running sum, lanes in parallel: for number i, of a
// lane's column k, and with memory for its residues.
func (e *evaluation) eachSum(ctx context.Context, do func(i, lane, k int, residues []uint32) error) error {
	lanes := e.groups[e.at.Group].lanes
	starts := make([]int, len(lanes))
	for i := range lanes[1:] {
		starts[i+1] = starts[i] + len(lanes[i].columns)
	}
	return e.parallel(ctx, len(lanes), func(lane int) error {
		residues := make([]uint32, e.meta.Params.Chain().SumLen(3))
		for k := range lanes[lane].columns {
			if err := do(starts[lane]+k, lane, k, residues); err != nil {
				return err
			}
		}
		return nil
	})
}
