// Package atomicfile writes files that appear under their final name only when
// they are complete and on disk.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// partial ends the names of temporary files: .NAME.DIGITS.partial.
const partial = ".partial"

// BeforeStep, if set, is called before every change that this package makes on
// disk. Tests kill the process there.
var BeforeStep func()

func step() {
	if BeforeStep != nil {
		BeforeStep()
	}
}

// A File is a temporary file beside its final path. It is locked while it is open, so
// that Clean knows it from what a killed process left.
type File struct {
	*os.File
	path   string
	done   bool // committed or aborted
	direct direct
}

// Create opens a temporary file in the directory of path. Its permissions are those of
// the final file from the first moment: mode without what the umask takes away, as in
// os.OpenFile. So whoever may read it, may read the final file.
func Create(path string, mode fs.FileMode) (*File, error) {
	for {
		step()
		name := fmt.Sprintf(".%s.%d%s", filepath.Base(path), rand.Uint32(), partial)
		f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, named(path, err)
		}
		errLock := flock(f)
		if _, err := os.Lstat(f.Name()); !errors.Is(errLock, ErrLocked) && !errors.Is(err, fs.ErrNotExist) {
			return &File{File: f, path: path}, nil
		}
		f.Close() // Clean has it, or had it, before it was locked
	}
}

// named is an error of a temporary file under the name that the user gave.
func named(path string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return &fs.PathError{Op: of.Op, Path: path, Err: of.Err}
	}
	return err
}

// Write appends to the file.
func (f *File) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	return n, named(f.path, err)
}

// Reopen continues a temporary file of path that Keep left.
func Reopen(path, name string) (*File, error) {
	if !isPartial(path, name) {
		return nil, fmt.Errorf("%s is not a temporary file of %s", name, path)
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	if err := flock(f); errors.Is(err, ErrLocked) {
		f.Close()
		return nil, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return &File{File: f, path: path}, nil
}

// Keep closes the file and leaves it under its temporary name, for Reopen.
func (f *File) Keep() error {
	if f.done {
		return nil
	}
	f.done = true
	if err := f.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// Clean deletes the temporary files of path that killed processes left, but for those
// named in keep. What a process still writes is locked, and stays; so does everything
// on a file system without locks.
func Clean(path string, keep ...string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		if isPartial(path, e.Name()) && !slices.Contains(keep, e.Name()) {
			err = errors.Join(err, removeUnlocked(filepath.Join(filepath.Dir(path), e.Name())))
		}
	}
	return err
}

// isPartial says whether name is what Create calls a temporary file of path, and
// not, for example, one of path.log.
func isPartial(path, name string) bool {
	middle, isPrefix := strings.CutPrefix(name, "."+filepath.Base(path)+".")
	middle, isSuffix := strings.CutSuffix(middle, partial)
	return isPrefix && isSuffix && middle != "" && strings.Trim(middle, "0123456789") == ""
}

// WriteAt writes at an offset. Large pieces that begin at pages, in memory and in the
// file, go around the page cache where the file system lets them.
func (f *File) WriteAt(b []byte, offset int64) (int, error) {
	step()
	done := f.direct.writeAt(f.Name(), b, offset)
	if done == len(b) {
		return done, nil
	}
	n, err := f.File.WriteAt(b[done:], offset+int64(done))
	return done + n, named(f.path, err)
}

// Close closes the file.
func (f *File) Close() error {
	f.direct.close()
	return f.File.Close()
}

// Commit flushes the file to disk and gives it its final name, replacing what
// was there. After an error it is still to be aborted or kept.
func (f *File) Commit() error { return f.commit(os.Rename) }

// CommitNew is Commit, but replaces nothing: where the final name is taken, the error
// is fs.ErrExist, and what is there is complete. This takes no lock, and holds between
// machines that share a file system with hard links.
func (f *File) CommitNew() error { return f.commit(moveNew) }

// commit closes the file only when it has its final name: until then the lock keeps
// Clean away.
func (f *File) commit(move func(from, to string) error) error {
	step()
	err := f.Sync()
	step()
	if err == nil {
		err = move(f.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.done = true
	step()
	if err := errors.Join(f.Close(), syncDir(filepath.Dir(f.path))); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return nil
}

// link is os.Link, but for tests.
var link = os.Link

// moveNew renames unless the new name is taken. A link does it in one step. Where the
// file system has none (FAT, for one), two processes that arrive in the same moment may
// both succeed, and the second one's file stays.
func moveNew(from, to string) error {
	err := link(from, to)
	if err == nil {
		step()
		return os.Remove(from)
	}
	if _, there := os.Lstat(to); there == nil {
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	}
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EPERM) {
		return os.Rename(from, to)
	}
	return err
}

// Abort throws the file away. It may be called after Commit, and then does
// nothing.
func (f *File) Abort() {
	if f.done {
		return
	}
	f.done = true
	os.Remove(f.Name())
	f.Close()
}

// Write writes data to path atomically.
func Write(path string, data []byte, mode fs.FileMode) error {
	return write(path, data, mode, (*File).Commit)
}

// WriteNew writes data to path atomically unless somebody else has done so: then
// the error is fs.ErrExist, as that of CommitNew.
func WriteNew(path string, data []byte, mode fs.FileMode) error {
	return write(path, data, mode, (*File).CommitNew)
}

func write(path string, data []byte, mode fs.FileMode, commit func(*File) error) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return commit(f)
}

// syncDir makes a rename durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
