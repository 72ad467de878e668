package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// minPause bounds the time that checkpoints take, where they take long, to a
// twentieth. The 2560 running sums of --memory 2GB at log_n = 13 (754 MB) take
// 1.4 to 5.6 s on a shared virtual disk (two cores of a Zen 4), 0.5 to 2% of 5 minutes;
// most of it is waiting for the disk.
const minPause = 20

func (e *evaluation) isDue() bool {
	if e.due != nil {
		return e.due()
	}
	return e.CheckpointEvery > 0 && time.Since(e.lastSave) >= max(e.CheckpointEvery, minPause*e.saveTook)
}

// save saves a checkpoint; that it cannot be written is no more than a warning.
// The multiplication waits for it.
func (e *evaluation) save() error {
	start := time.Now()
	name, table, err := e.writer.Save()
	if err != nil {
		return err // of the output, which must not fail
	}
	if err := e.saveAs(name, table); err != nil {
		e.logger().Warn(fmt.Sprintf("cannot save a checkpoint: %v", err))
	} else {
		e.saved = true
	}
	e.lastSave, e.saveTook = time.Now(), time.Since(start)
	return nil
}

func (e *evaluation) saveAs(name string, table []byte) error {
	sizes := []int64{int64(len(table))}
	if e.at.Products > 0 {
		for range e.groups[e.at.Group].sums() {
			sizes = append(sizes, int64(4*e.meta.Params.Chain().SumLen(3)))
		}
	}
	w, err := e.checkpoint.Create(runState{name, e.Memory, cut(e.groups), e.at}, sizes)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := w.WriteChunk(0, table); err != nil {
		return err
	}
	if e.at.Products > 0 {
		// Not to be interrupted: an interrupt is a reason to save.
		err := e.eachSum(context.Background(), func(i, lane, k int, residues []uint32) error {
			if err := e.accumulators[lane].Save(k, residues); err != nil {
				return err
			}
			return w.WriteChunk(1+i, bytesOf(residues))
		})
		if err != nil {
			return err
		}
	}
	_, err = w.Commit()
	return err
}

// stop ends a run that cannot go on. What was saved stays, for the same command to
// continue, after an interrupt and after an error that can be put right.
func (e *evaluation) stop(ctx context.Context, err error) error {
	interrupted := ctx.Err() != nil && errors.Is(err, ctx.Err()) && !e.broken
	if interrupted {
		if err := e.save(); err != nil {
			e.writer.Abort()
			return err
		}
	}
	if !e.saved {
		e.writer.Abort()
		return err
	}
	if errKeep := e.writer.Keep(); errKeep != nil {
		return errors.Join(err, errKeep)
	}
	if !interrupted {
		return fmt.Errorf("%w; fix that, and the same command continues from %s", err, e.checkpoint.Path())
	}
	return ErrContinues
}
