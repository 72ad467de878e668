package bundle

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"genoveil/pipeline/atomicfile"
)

// bufferSize is how much is copied at a time.
const bufferSize = 1 << 18

// Export packs files below dir, whose paths are relative and have slashes, in this order
// into bundles of at most maxSize bytes: out-1-of-5.genoveil and so on, whose names it
// returns. The same files give the same bytes. Bundles that are there already with the same
// bytes stay; others are never replaced. After an error nothing is there that was not
// before. Links that lead out of dir are not followed: who keeps the folder may have put
// them there.
func Export(dir string, files []string, out string, maxSize int64) ([]string, error) {
	if maxSize < minBundle || maxSize > maxBundle {
		return nil, fmt.Errorf("files of at most %d bytes; give a size from %d to %d", maxSize, minBundle, int64(maxBundle))
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	x := &exporter{root: root, buf: make([]byte, bufferSize)}
	defer x.close()
	entries, err := x.entries(files)
	if err != nil {
		return nil, err
	}
	bundles := plan(entries, maxSize)
	var names, made []string
	for i, entries := range bundles {
		name := fmt.Sprintf("%s-%d-of-%d.genoveil", out, i+1, len(bundles))
		isNew, err := x.write(name, entries)
		if isNew {
			made = append(made, name)
		}
		if err != nil {
			for _, name := range made {
				os.Remove(name)
			}
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

// An exporter reads files below a root, one after another.
type exporter struct {
	root *os.Root
	buf  []byte

	file *os.File  // the one under way, perhaps into several bundles
	sum  hash.Hash // of what was read of it
}

func (x *exporter) close() {
	if x.file != nil {
		x.file.Close()
		x.file = nil
	}
}

// openRegular opens a file below root. A pipe or device in its place is refused.
func openRegular(root *os.Root, path string) (*os.File, int64, error) {
	f, err := root.OpenFile(filepath.FromSlash(path), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", f.Name())
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// entries reads all files once, for their sums.
func (x *exporter) entries(files []string) ([]entry, error) {
	entries := make([]entry, len(files))
	for i, path := range files {
		entries[i].path = path
	}
	if err := checkPaths(entries); err != nil {
		return nil, fmt.Errorf("%s: %w", x.root.Name(), err)
	}
	for i := range entries {
		e := &entries[i]
		f, size, err := openRegular(x.root, e.path)
		if err != nil {
			return nil, inFolder(x.root, err)
		}
		sum := sha256.New()
		e.total, err = io.CopyBuffer(sum, io.NewSectionReader(f, 0, size), x.buf)
		f.Close()
		if err == nil && e.total != size {
			err = changed(e.path)
		}
		if err != nil {
			return nil, inFolder(x.root, err)
		}
		sum.Sum(e.sum[:0])
	}
	return entries, nil
}

func changed(path string) error {
	return fmt.Errorf("%s: it changed while it was read; try again", path)
}

func inFolder(root *os.Root, err error) error { return fmt.Errorf("%s: %w", root.Name(), err) }

// write makes a bundle, and says whether it was not there.
func (x *exporter) write(name string, entries []entry) (isNew bool, err error) {
	if err := atomicfile.Clean(name); err != nil {
		return false, err
	}
	f, err := atomicfile.Create(name, 0o666)
	if err != nil {
		return false, err
	}
	defer f.Abort()
	sum := sha256.New()
	w := io.MultiWriter(f, sum)
	if _, err := w.Write(encodeHead(entries)); err != nil {
		return false, err
	}
	for i := range entries {
		if err := x.copy(w, &entries[i]); err != nil {
			return false, err
		}
	}
	if _, err := f.Write(sum.Sum(nil)); err != nil {
		return false, err
	}
	err = f.CommitNew()
	if !errors.Is(err, fs.ErrExist) {
		return err == nil, err
	}
	if same, err := sameBytes(f.File, name); same || err != nil {
		return false, err
	}
	return false, fmt.Errorf("%s: there is another file of that name; move it away, or choose another name", name)
}

// copy writes the bytes of an entry, which follows the last one in its file.
func (x *exporter) copy(w io.Writer, e *entry) error {
	if e.offset == 0 {
		x.close()
		f, _, err := openRegular(x.root, e.path)
		if err != nil {
			return inFolder(x.root, err)
		}
		x.file, x.sum = f, sha256.New()
	}
	n, err := io.CopyBuffer(io.MultiWriter(w, x.sum), io.NewSectionReader(x.file, e.offset, e.length), x.buf)
	if err != nil {
		return err
	}
	if n != e.length || e.ends() && !bytes.Equal(x.sum.Sum(nil), e.sum[:]) {
		return inFolder(x.root, changed(e.path))
	}
	return nil
}

// sameBytes compares a file with the one of a name.
func sameBytes(f *os.File, name string) (bool, error) {
	there, err := os.Lstat(name)
	if err != nil {
		return false, err
	}
	here, err := f.Stat()
	if err != nil || !there.Mode().IsRegular() || there.Size() != here.Size() {
		return false, err
	}
	other, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer other.Close()
	size := here.Size()
	a, errA := sumOf(io.NewSectionReader(f, 0, size))
	b, errB := sumOf(io.NewSectionReader(other, 0, size))
	return a == b, errors.Join(errA, errB)
}

func sumOf(r io.Reader) (sum [sha256.Size]byte, err error) {
	h := sha256.New()
	_, err = io.CopyBuffer(h, r, make([]byte, bufferSize))
	h.Sum(sum[:0])
	return sum, err
}
