package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

var errLocked = errors.New("another process is writing it")

// lock locks a file until it is closed, or its process dies. The error is errLocked
// where another process has it. held is false on a file system without locks (ENOLCK,
// ENOSYS, EOPNOTSUPP).
func lock(f *os.File) (held bool, err error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, errLocked
		default:
			return err == nil, nil
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
	if held, _ := lock(f); !held {
		return nil // it has a writer, or nobody knows
	}
	step()
	if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}
