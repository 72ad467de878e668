// Package atomicfile writes files that appear under their final name only when
// they are complete and on disk.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// A File is a temporary file beside its final path.
type File struct {
	*os.File
	path   string
	done   bool // committed or aborted
	direct direct
}

// Create opens a temporary file in the directory of path.
func Create(path string, mode fs.FileMode) (*File, error) {
	step()
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+partial)
	if err != nil {
		return nil, err
	}
	if err := f.Chmod(mode); err != nil {
		f.Close()
		os.Remove(f.Name())
		return nil, err
	}
	return &File{File: f, path: path}, nil
}

// Reopen continues a temporary file of path that Keep left.
func Reopen(path, name string) (*File, error) {
	if !isPartial(path, name) {
		return nil, fmt.Errorf("%s is no temporary file of %s", name, path)
	}
	f, err := os.OpenFile(filepath.Join(filepath.Dir(path), name), os.O_RDWR, 0)
	if err != nil {
		return nil, err
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

// Clean deletes the temporary files of path, which killed processes left, but for
// those named in keep. Nobody else may be writing path.
func Clean(path string, keep ...string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		if isPartial(path, e.Name()) && !slices.Contains(keep, e.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(filepath.Dir(path), e.Name())))
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
	return done + n, err
}

// Close closes the file.
func (f *File) Close() error {
	f.direct.close()
	return f.File.Close()
}

// Commit flushes the file to disk and gives it its final name, replacing what
// was there. After an error it is still to be aborted or kept.
func (f *File) Commit() error {
	step()
	err := f.Sync()
	step()
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), f.path)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.done = true
	step()
	return syncDir(filepath.Dir(f.path))
}

// Abort throws the file away. It may be called after Commit, and then does
// nothing.
func (f *File) Abort() {
	if f.done {
		return
	}
	f.done = true
	f.Close()
	os.Remove(f.Name())
}

// Write writes data to path atomically.
func Write(path string, data []byte, mode fs.FileMode) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Commit()
}

// WriteNew writes data to path atomically unless somebody else has done so: then
// the error is fs.ErrExist, and what is there is complete. This takes no lock, and
// holds between machines that share a file system with hard links.
func WriteNew(path string, data []byte, mode fs.FileMode) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	defer f.Abort() // its temporary name
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
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
