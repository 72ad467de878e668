package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"

	"genoveil/pipeline/atomicfile"
)

// LockSuffix ends the name of the lock of a file.
const LockSuffix = ".lock"

// A Lock keeps others from writing the same file at the same time. It is on
// FILE.lock, and gone with the process that holds it.
type Lock struct {
	file *os.File
	held bool
}

// TakeLock locks path for this process. It fails at once where another process
// holds the lock. On a file system without locks it succeeds: files are written under
// random names and renamed, so two writers only waste work, and the last one wins.
func TakeLock(path string) (*Lock, error) { return takeLock(path, tryLock) }

// WaitForLock locks path for this process, as soon as no other does, unless ctx ends before.
func WaitForLock(ctx context.Context, path string) (*Lock, error) {
	return takeLock(path, func(f *os.File) error { return waitLock(ctx, f) })
}

func takeLock(path string, lock func(*os.File) error) (*Lock, error) {
	for {
		f, err := os.OpenFile(path+LockSuffix, os.O_CREATE|os.O_RDWR, 0o666)
		if err != nil {
			return nil, err
		}
		switch err := lock(f); {
		case errors.Is(err, errLocked):
			f.Close()
			return nil, fmt.Errorf("%s: another task is writing it; wait for that one, or choose a different name", path)
		case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
			f.Close()
			return nil, err
		case err != nil: // ENOLCK, ENOSYS, EOPNOTSUPP: no locks here
			return &Lock{file: f}, nil
		}
		// Whoever held the lock before may have deleted the file after it was opened here.
		mine, errMine := f.Stat()
		there, errThere := os.Stat(path + LockSuffix)
		if errMine == nil && errThere == nil && os.SameFile(mine, there) {
			return &Lock{file: f, held: true}, nil
		}
		f.Close()
	}
}

// Clean deletes the temporary files that killed runs left of path, but for those
// named in keep. Without a lock it does nothing: they may be a live run's.
func (l *Lock) Clean(path string, keep ...string) error {
	if !l.held {
		return nil
	}
	return atomicfile.Clean(path, keep...)
}

// Release lets others at the file.
func (l *Lock) Release() {
	if l.held {
		os.Remove(l.file.Name())
	}
	l.file.Close()
}
