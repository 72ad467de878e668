package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"genoveil/pipeline/atomicfile"
)

// A Report says what became of the files of a bundle.
type Report struct {
	New     int // put into the folder
	Known   int // there already
	Waiting int // parts of them are in other bundles

	Conflicts []string // there already, and not the same: left as they are
	Ignored   []string // not allowed
}

// Import unpacks a bundle into dir, which exists. allowed says which paths are taken and
// how many bytes such a file may have. Messages (.msg) are put last: whoever sees one looks
// for its payload. Nothing in dir is replaced. Parts of files are kept in a hidden folder
// below pieces, a directory of this party alone, in which one Import is at work at a time.
// After an error the same call can be made again; what the Report counts is done.
func Import(dir, pieces, bundle string, allowed func(path string) (maxSize int64, ok bool)) (Report, error) {
	im := &importer{dir: dir, pieces: filepath.Join(pieces, piecesFolder), cleaned: map[string]bool{}}
	taken := map[string]bool{}
	src, err := open(bundle, func(entries []entry) error {
		for _, e := range entries {
			limit, ok := allowed(e.path)
			if ok && e.total > limit {
				return fmt.Errorf("%s: a file of %d bytes; it has at most %d", e.path, e.total, limit)
			}
			if taken[e.path] = ok; !ok {
				im.report.Ignored = append(im.report.Ignored, e.path)
			}
		}
		return nil
	})
	if err != nil {
		return Report{}, err
	}
	defer src.file.Close()
	im.source = src
	if im.root, err = os.OpenRoot(dir); err != nil {
		return Report{}, err
	}
	defer im.root.Close()
	for _, messages := range []bool{false, true} {
		for i, e := range src.entries {
			if !taken[e.path] || strings.HasSuffix(e.path, ".msg") != messages {
				continue
			}
			if err := im.take(i); err != nil {
				return im.report, fmt.Errorf("%s: %s: %w", bundle, e.path, err)
			}
		}
	}
	return im.report, nil
}

// An importer is a bundle on its way into a folder.
type importer struct {
	*source
	root    *os.Root
	dir     string
	pieces  string
	cleaned map[string]bool // directories without leftovers
	report  Report
}

// What becomes of an entry.
type outcome int

const (
	absent outcome = iota
	added
	known
	waiting
	conflict
)

// take does all that can be done with entry i.
func (im *importer) take(i int) error {
	e := &im.entries[i]
	found, err := im.standing(e)
	if err != nil {
		return err
	}
	if found == absent {
		if found, err = im.add(i); err != nil {
			return err
		}
	}
	switch found {
	case added:
		im.report.New++
	case known:
		im.report.Known++
	case conflict:
		im.report.Conflicts = append(im.report.Conflicts, e.path)
	case waiting:
		im.report.Waiting++
		return nil
	}
	return im.drop(e)
}

// standing compares a file with what has its name in the folder.
func (im *importer) standing(e *entry) (outcome, error) {
	info, err := im.root.Lstat(filepath.FromSlash(e.path))
	if errors.Is(err, fs.ErrNotExist) {
		return absent, nil
	}
	if err != nil {
		return absent, err
	}
	if !info.Mode().IsRegular() || info.Size() != e.total {
		return conflict, nil
	}
	f, size, err := openRegular(im.root, e.path)
	if err != nil {
		return absent, err
	}
	defer f.Close()
	sum, err := sumOf(io.NewSectionReader(f, 0, size))
	if err != nil {
		return absent, err
	}
	if sum != e.sum {
		return conflict, nil
	}
	return known, nil
}

// add puts a file that is not there, or keeps a part of it.
func (im *importer) add(i int) (outcome, error) {
	e := &im.entries[i]
	write := func(w io.Writer) error { return im.copy(w, i) }
	if !e.whole() {
		if err := im.keep(i); err != nil {
			return absent, err
		}
		spans, complete, err := im.spans(e)
		if err != nil || !complete {
			return waiting, err
		}
		write = func(w io.Writer) error { return im.join(w, e, spans) }
	}
	err := im.put(e, write)
	if errors.Is(err, fs.ErrExist) { // since a moment ago
		if found, err := im.standing(e); found != absent || err != nil {
			return found, err
		}
	}
	return added, err
}

// put writes a file of the folder, where there is none of its name.
func (im *importer) put(e *entry, write func(io.Writer) error) error {
	if err := im.root.MkdirAll(filepath.FromSlash(path.Dir(e.path)), 0o777); err != nil {
		return err
	}
	to := filepath.Join(im.dir, filepath.FromSlash(e.path))
	if err := im.clean(to); err != nil {
		return err
	}
	return putFile(to, 0o666, write, (*atomicfile.File).CommitNew)
}

func putFile(to string, mode fs.FileMode, write func(io.Writer) error, commit func(*atomicfile.File) error) error {
	f, err := atomicfile.Create(to, mode)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := write(f); err != nil {
		return err
	}
	return commit(f)
}

// clean deletes what killed runs left of a file. A directory is searched for leftovers of
// any file first, and once: it may have thousands of files.
func (im *importer) clean(to string) error {
	dir := filepath.Dir(to)
	none, searched := im.cleaned[dir]
	if !searched {
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		none = !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".partial") })
		im.cleaned[dir] = none
	}
	if none {
		return nil
	}
	return atomicfile.Clean(to)
}

// copy writes the bytes of entry i.
func (im *importer) copy(w io.Writer, i int) error {
	sum := sha256.New()
	if _, err := io.CopyBuffer(io.MultiWriter(w, sum), im.bytes(i), im.buf); err != nil {
		return err
	}
	if [sha256.Size]byte(sum.Sum(nil)) != im.sums[i] {
		return errors.New("the bundle changed while it was read; try again")
	}
	return nil
}
