package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/zeebo/blake3"

	"genoveil/pipeline/chunkfile"
)

// ErrContinues says that a command was interrupted and has saved what the same
// command needs to continue.
var ErrContinues = errors.New("interrupted; the same command continues the work")

// errForeign says that a checkpoint is of other work than what is to be done.
var errForeign = errors.New("belongs to a different command, different files or a different version")

// CheckpointSuffix ends the name of the checkpoint of a file.
const CheckpointSuffix = ".checkpoint"

// A Checkpoint is the file in which a command saves its work so far: a state and
// chunks, checksummed, replaced atomically, and bound to what the work is.
type Checkpoint struct {
	path, kind string
	identity   chunkfile.Fingerprint
}

// NewCheckpoint is the checkpoint of what is written to out. kind stands in the
// file's header. work is all that determines the result, marshalled to JSON: the
// fingerprints of the inputs, the shard, the options. No saved state of other work is
// ever continued.
func NewCheckpoint(out, kind string, work any) (*Checkpoint, error) {
	text, err := json.Marshal(work)
	if err != nil {
		return nil, err
	}
	return &Checkpoint{path: out + CheckpointSuffix, kind: kind, identity: blake3.Sum256(text)}, nil
}

type checkpointMeta struct {
	Work  chunkfile.Fingerprint `json:"work"`
	State any                   `json:"state"`
}

// Save writes a checkpoint, atomically; if that fails, the one before stays. Others may
// not read it: unfinished scores are not flooded yet.
func (c *Checkpoint) Save(s *snapshot) error {
	w, err := chunkfile.Create(c.path, c.kind, checkpointMeta{c.identity, s.state}, s.sizes, 0o600)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := s.write(w); err != nil {
		return err
	}
	_, err = w.Commit()
	return err
}

// Open opens the checkpoint and fills state, a pointer. The error is
// fs.ErrNotExist where there is none; after any other, say so and start again.
func (c *Checkpoint) Open(state any) (*chunkfile.Reader, error) {
	r, err := chunkfile.Open(c.path, c.kind)
	if err != nil {
		return nil, err
	}
	// In two steps: only the state of the same work has the expected form.
	var text json.RawMessage
	meta := checkpointMeta{State: &text}
	if err = r.Meta(&meta); err == nil && meta.Work != c.identity {
		err = fmt.Errorf("%s: %w", c.path, errForeign)
	}
	if err == nil {
		err = json.Unmarshal(text, state)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Path is the name of the file.
func (c *Checkpoint) Path() string { return c.path }

// Remove deletes the checkpoint, once the result is there.
func (c *Checkpoint) Remove() error {
	if err := os.Remove(c.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
