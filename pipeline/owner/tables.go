package owner

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"genoveil/pipeline/atomicfile"
)

// A tableSet is result files of which none appears before all are complete. Until then
// their owner alone can read them: how far a table came before a check failed is nobody
// else's business.
type tableSet struct {
	files []*atomicfile.File
	modes []fs.FileMode // when complete
	paths []string
}

func (t *tableSet) create(path string) (*atomicfile.File, error) {
	f, err := atomicfile.Create(path, 0o666)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = f.Chmod(0o600)
	}
	if err != nil {
		f.Abort()
		return nil, err
	}
	t.files, t.modes, t.paths = append(t.files, f), append(t.modes, info.Mode()), append(t.paths, path)
	return f, nil
}

// commit gives all files their final names. All are on disk before the
// first has its name, so that none has where the disk is full. What may still fail is a
// name, of a directory for one: the error says which files have theirs, and they are
// complete. They may have replaced older ones, so that taking them away would not help.
func (t *tableSet) commit() error {
	for i, f := range t.files {
		if err := errors.Join(f.Chmod(t.modes[i]), f.Sync()); err != nil {
			return fmt.Errorf("%s: %w", t.paths[i], err)
		}
	}
	for i, f := range t.files {
		err := f.Commit()
		if err != nil && i > 0 {
			err = fmt.Errorf("%w; complete are %s, and the same command writes all again", err, strings.Join(t.paths[:i], ", "))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// abort throws away what was not committed.
func (t *tableSet) abort() {
	for _, f := range t.files {
		f.Abort()
	}
}
