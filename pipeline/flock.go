package pipeline

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

var errLocked = errors.New("another task holds the lock")

// lockPause is the time between two tries of a lock: an interrupted command ends within a
// second.
const lockPause = 20 * time.Millisecond

// tryLock locks a file until it is closed, or this process dies. The error is errLocked
// where another holds the lock.
func tryLock(f *os.File) error {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return err
		}
	}
}

// waitLock is tryLock as soon as no other holds the lock. A system call that waits could
// not be interrupted.
func waitLock(ctx context.Context, f *os.File) error {
	for {
		if err := tryLock(f); !errors.Is(err, errLocked) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPause):
		}
	}
}
