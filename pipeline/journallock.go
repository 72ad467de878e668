package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile opens a file and takes its lock, by tryLock or waitLock.
//
// Some cluster file systems have no locks, or locks that other machines do not see:
// so locks only spare tasks work in vain, and what must hold, holds without them.
// Where there are none, lockFile returns the file all the same.
func lockFile(path string, lock func(*os.File) error) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	switch err = lock(f); err {
	case nil, syscall.ENOSYS, syscall.EOPNOTSUPP, syscall.ENOLCK:
		return f, nil
	}
	f.Close()
	return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
}

// takeLock locks the shard against another task with the same.
func (j *journal) takeLock() error {
	f, err := lockFile(j.shardPath(j.shard, ".lock"), tryLock)
	switch {
	case errors.Is(err, errLocked) && j.shard == Whole:
		return fmt.Errorf("%s: another run is encrypting this cohort; wait for it, or choose a different name", j.dir)
	case errors.Is(err, errLocked):
		return fmt.Errorf("%s: another task is encrypting shard %s of this cohort; wait for it, or give every task its own shard", j.dir, j.shard)
	}
	j.lock = f
	return err
}

// waitForOthers waits until no other task opens the journal or completes the cohort,
// and keeps them from it.
func (j *journal) waitForOthers(ctx context.Context) (err error) {
	j.common, err = lockFile(filepath.Join(j.dir, "lock"), func(f *os.File) error { return waitLock(ctx, f) })
	return err
}

// unlock lets others at the shard, then at the journal. The system does so, too, when
// a process dies.
func (j *journal) unlock() {
	j.lock.Close()
	j.common.Close()
}

// undisturbed fails if another task has finished a block that this one has under way,
// or the whole cohort: where locks do nothing, that must not be written over.
func (j *journal) undisturbed(block int) error {
	_, state := os.Stat(filepath.Join(j.dir, "state.json"))
	_, record := os.Stat(j.blockPath(block, ".json"))
	if state == nil && errors.Is(record, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%s: another task has encrypted block %d or deleted the journal in the meantime; run every shard in one task at a time", j.dir, block)
}
