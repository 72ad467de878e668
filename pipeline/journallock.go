package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"genoveil/pipeline/atomicfile"
)

// takeLock locks the shard against another task with the same.
func (j *journal) takeLock() (err error) {
	j.lock, err = atomicfile.TryLock(j.shardPath(j.shard, ".lock"), 0o600)
	switch {
	case errors.Is(err, atomicfile.ErrLocked) && j.shard == Whole:
		return fmt.Errorf("%s: another run is encrypting this cohort; wait for it, or choose another name", j.dir)
	case errors.Is(err, atomicfile.ErrLocked):
		return fmt.Errorf("%s: another task is encrypting shard %s of this cohort; wait for it, or give every task a shard of its own", j.dir, j.shard)
	}
	return err
}

// waitForOthers waits until no other task opens the journal or completes the cohort,
// and keeps them from it.
func (j *journal) waitForOthers(ctx context.Context) (err error) {
	j.common, err = atomicfile.WaitLock(ctx, filepath.Join(j.dir, "lock"), 0o600)
	return err
}

// unlock lets others at the shard, then at the journal. The system does so, too, when
// a process dies.
func (j *journal) unlock() {
	j.lock.Release()
	j.common.Release()
}

// undisturbed fails if another task has finished a block that this one has under way,
// or the whole cohort: where locks do nothing, that must not be written over.
func (j *journal) undisturbed(block int) error {
	_, state := os.Stat(filepath.Join(j.dir, "state.json"))
	_, record := os.Stat(j.blockPath(block, ".json"))
	if state == nil && errors.Is(record, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s: another task has encrypted block %d or deleted the journal meanwhile; run every shard in one task at a time", j.dir, block)
}
