package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"genoveil/he"
)

const scoreCheckpointKind = "checkpoint of scores"

// scoreState says what a checkpoint holds: packed tiles, and the nodes of the one
// under way.
type scoreState struct {
	Sums   int `json:"sums"`   // finished tiles times scores
	Chunks int `json:"chunks"` // of the tile under way
}

// restore continues where a checkpoint of the same work ends.
func (e *scoring) restore() (err error) {
	e.saved = time.Now()
	if e.checkpoint, err = NewCheckpoint(e.Path, scoreCheckpointKind, struct {
		Cohort, Model [32]byte
		Parts         Ranges
		Key           KeyID
	}{e.meta.Cohort, e.Model.fingerprint(), e.meta.Parts, e.meta.KeyID}); err != nil {
		return err
	}
	if err := e.load(); err != nil {
		e.sums, e.tiles, e.chunks = nil, nil, 0
		if !errors.Is(err, fs.ErrNotExist) {
			e.warn(fmt.Errorf("%w; starting from the beginning", err))
		}
	}
	chunks := e.chunks
	for _, tile := range e.meta.tiles()[:len(e.sums)/e.meta.Scores] {
		from, to := e.meta.tileRange(tile)
		chunks += (to - from + he.ChunkSamples - 1) / he.ChunkSamples
	}
	for i := range e.groups {
		e.done += chunks * len(e.groups[i].lanes)
	}
	if chunks > 0 {
		e.Continue.report(e.done, e.total)
	}
	return nil
}

// load reads the checkpoint.
func (e *scoring) load() error {
	var state scoreState
	r, err := e.checkpoint.Open(&state)
	if err != nil {
		return err
	}
	defer r.Close()
	chain := e.meta.Params.Chain()
	nodes := (r.Chunks() - state.Sums) / e.meta.Scores
	if state.Sums < 0 || state.Sums%e.meta.Scores != 0 || state.Sums > len(e.meta.tiles())*e.meta.Scores || nodes < 0 || nodes > chain.LogN || r.Chunks() != state.Sums+nodes*e.meta.Scores {
		return fmt.Errorf("%s: sizes in the header do not agree", e.checkpoint.Path())
	}
	var all []he.Sum
	for i := range r.Chunks() {
		sum := he.Sum{Components: 2, Residues: make([]uint32, chain.SumLen(2))}
		if err := r.Chunk(i, bytesOf(sum.Residues)); err != nil {
			return err
		}
		if err := sum.Validate(chain); err != nil {
			return fmt.Errorf("%s: chunk %d: %w", e.checkpoint.Path(), i, err)
		}
		all = append(all, sum)
	}
	if left := e.meta.tiles()[state.Sums/e.meta.Scores:]; state.Chunks > 0 {
		if len(left) == 0 {
			return fmt.Errorf("%s: more than all samples", e.checkpoint.Path())
		}
		if from, to := e.meta.tileRange(left[0]); state.Chunks > (to-from+he.ChunkSamples-1)/he.ChunkSamples {
			return fmt.Errorf("%s: more samples than the tile has", e.checkpoint.Path())
		}
	}
	e.sums, all = all[:state.Sums:state.Sums], all[state.Sums:]
	if e.chunks = state.Chunks; e.chunks == 0 {
		return nil
	}
	for range e.meta.Scores {
		tile, err := he.ContinueTile(e.Scorer, chain, state.Chunks, all[:nodes])
		if err != nil {
			return fmt.Errorf("%s: %w", e.checkpoint.Path(), err)
		}
		e.tiles, all = append(e.tiles, tile), all[nodes:]
	}
	return nil
}

// save writes the checkpoint: at most a dozen ciphertexts a score, and one for every
// finished tile.
func (e *scoring) save() error {
	state := scoreState{Sums: len(e.sums), Chunks: e.chunks}
	sums := e.sums[:len(e.sums):len(e.sums)]
	for _, t := range e.tiles {
		_, nodes := t.State()
		sums = append(sums, nodes...)
	}
	chunks := make([][]byte, len(sums))
	for i, sum := range sums {
		chunks[i] = bytesOf(sum.Residues)
	}
	e.saved = time.Now()
	if err := e.checkpoint.Save(state, chunks...); err != nil {
		return fmt.Errorf("%w; going on without this checkpoint", err)
	}
	return nil
}

// interrupted saves what is complete, if the work ended because ctx did.
func (e *scoring) interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil || len(e.sums)+e.chunks == 0 {
		return err
	}
	if saved := e.save(); saved != nil {
		return errors.Join(err, saved)
	}
	return ErrContinues
}

func (e *scoring) warn(err error) {
	if err != nil && e.Warn != nil {
		e.Warn(err)
	}
}
