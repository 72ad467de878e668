package atomicfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// LockSuffix ends the name of the lock of a file.
const LockSuffix = ".lock"

// ErrLocked says that another process holds a lock.
var ErrLocked = errors.New("another process is writing it")

// Locked is ErrLocked in the words of who wants the lock.
type Locked string

func (l Locked) Error() string        { return string(l) }
func (l Locked) Is(target error) bool { return target == ErrLocked }

// lockPause is the time between two tries of a lock: an interrupted command ends within a
// second. A system call that waits could not be interrupted.
const lockPause = 20 * time.Millisecond

// A Lock keeps other processes from what a file stands for, as long as they ask. It is
// gone with the process that holds it.
//
// Some cluster file systems have no locks, or locks that other machines do not see: so
// locks only spare tasks work in vain, and what must hold, holds without them. Where there
// are none, a Lock keeps nobody away, and None says why, for who would rather refuse.
type Lock struct {
	file    *os.File
	none    error
	discard bool // the file, at the end
}

// TryLock locks the file of that name, which it makes where there is none, and which
// stays. The error is ErrLocked where another process has the lock.
func TryLock(name string, mode fs.FileMode) (*Lock, error) {
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, mode)
		if err != nil {
			return nil, err
		}
		switch err := flock(f); {
		case errors.Is(err, ErrLocked):
			f.Close()
			return nil, err
		case err != nil:
			return &Lock{file: f, none: err}, nil
		}
		// Whoever held the lock before may have deleted the file after it was opened here.
		mine, errMine := f.Stat()
		there, errThere := os.Stat(name)
		if errMine == nil && errThere == nil && os.SameFile(mine, there) {
			return &Lock{file: f}, nil
		}
		f.Close()
	}
}

// WaitLock is TryLock as soon as no other process has the lock, unless ctx ends before.
func WaitLock(ctx context.Context, name string, mode fs.FileMode) (*Lock, error) {
	for {
		l, err := TryLock(name, mode)
		if !errors.Is(err, ErrLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(lockPause):
		}
	}
}

// TakeLock locks path, which this process is to write, by a file beside it that disappears
// with the lock. It fails at once where another process has the lock.
func TakeLock(path string) (*Lock, error) {
	l, err := TryLock(path+LockSuffix, 0o666)
	if errors.Is(err, ErrLocked) {
		return nil, Locked(path + ": another task is writing it; wait for that one, or choose a different name")
	}
	return l.discarded(), err
}

// WaitForLock is TakeLock as soon as no other process has the lock, unless ctx ends before.
func WaitForLock(ctx context.Context, path string) (*Lock, error) {
	l, err := WaitLock(ctx, path+LockSuffix, 0o666)
	return l.discarded(), err
}

func (l *Lock) discarded() *Lock {
	if l != nil {
		l.discard = true
	}
	return l
}

// None is why the lock keeps nobody away, or nil if it does.
func (l *Lock) None() error { return l.none }

// Clean deletes the temporary files that killed runs left of path, but for those
// named in keep. Without a lock it does nothing: they may be a live run's.
func (l *Lock) Clean(path string, keep ...string) error {
	if l.none != nil {
		return nil
	}
	return Clean(path, keep...)
}

// Release lets others have the lock. It may be called again, and on nil.
func (l *Lock) Release() {
	if l == nil || l.file == nil {
		return
	}
	if l.discard && l.none == nil {
		os.Remove(l.file.Name())
	}
	l.file.Close()
	l.file = nil
}

// systemFlock is syscall.Flock, but for tests.
var systemFlock = syscall.Flock

// flock locks a file until it is closed, or its process dies. The error is ErrLocked
// where another process has it; any other says that there are no locks here (ENOLCK,
// ENOSYS, EOPNOTSUPP).
func flock(f *os.File) error {
	for {
		switch err := systemFlock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return ErrLocked
		default:
			return err
		}
	}
}

// removeUnlocked deletes a temporary file that nobody writes any more, unless it is
// somebody else's. It has the lock meanwhile, so that nobody continues the file.
func removeUnlocked(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.EISDIR) {
		return nil // a link or a directory: not made by Create
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if flock(f) != nil {
		return nil // it has a writer, or nobody knows
	}
	step()
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
