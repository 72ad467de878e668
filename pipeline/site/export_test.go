package site

import (
	"context"
	"encoding/json"

	"genoveil/pipeline/format"
)

// SetDue takes the place of the interval between checkpoints.
func SetDue(job any, due func() bool) {
	switch job := job.(type) {
	case *RunJob:
		job.due = due
	case *ScoreJob:
		job.due = due
	}
}

// LanesAtOnce is the number of blocks and planes of each group that a job reads, and
// columnsAtOnce the number of its columns.
func LanesAtOnce(job *RunJob, lanes []format.Lane, memory int64) (numbers, columns []int) {
	for _, g := range job.groups(lanes, memory) {
		numbers, columns = append(numbers, len(g.lanes)), append(columns, len(g.columns))
	}
	return numbers, columns
}

// A scoreRestorer restores checkpoints of a score job.
type scoreRestorer struct {
	scoring    *scoring
	checkpoint *Checkpoint
}

func NewScoreRestorer(ctx context.Context, job *ScoreJob) (*scoreRestorer, error) {
	e := &scoring{ScoreJob: job}
	identity, err := e.prepare(ctx)
	if err != nil {
		return nil, err
	}
	checkpoint, err := NewCheckpoint(job.Path, ScoreCheckpointKind, identity)
	return &scoreRestorer{e, checkpoint}, err
}

// Restore saves a state with chunks and restores it.
func (r *scoreRestorer) Restore(state scoreState, chunks ...[]byte) error {
	if err := r.checkpoint.Save(snapshotOf(state, chunks...)); err != nil {
		return err
	}
	var text json.RawMessage
	saved, err := r.checkpoint.Open(&text)
	if err != nil {
		return err
	}
	defer saved.Close()
	if err := r.scoring.begin(); err != nil {
		return err
	}
	_, err = r.scoring.restore(saved, text)
	return err
}

// What tests outside the package use of it.
const ScoreLanes = scoreLanes

type ScoreState = scoreState

var ErrForeign = errForeign
