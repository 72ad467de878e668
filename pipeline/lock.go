package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"genoveil/pipeline/atomicfile"
)

// A Lock keeps others from writing the same file at the same time. It is on
// FILE.lock, and gone with the process that holds it.
type Lock struct {
	file *os.File
	held bool
}

// TakeLock locks path for this process. It fails at once where another process
// holds the lock. On a file system without locks it succeeds: files are written under
// random names and renamed, so two writers only waste work, and the last one wins.
func TakeLock(path string) (*Lock, error) {
	lock, err := tryLock(path)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%s: another task is writing it; wait for that one, or choose another name", path)
	}
	return lock, err
}

// waitForLock is TakeLock, and waits for others. It asks again and again, because nothing
// interrupts a process that the system has wait.
func waitForLock(ctx context.Context, path string) (*Lock, error) {
	for {
		lock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// tryLock is TakeLock, but for the words of its error.
func tryLock(path string) (*Lock, error) {
	for {
		f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o666)
		if err != nil {
			return nil, err
		}
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EWOULDBLOCK):
			f.Close()
			return nil, errLocked
		case errors.Is(err, syscall.EINTR):
			f.Close()
			continue
		case err != nil: // ENOLCK, ENOSYS, EOPNOTSUPP: no locks here
			return &Lock{file: f}, nil
		}
		// Whoever held the lock before may have deleted the file after it was opened here.
		mine, errMine := f.Stat()
		there, errThere := os.Stat(path + ".lock")
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
