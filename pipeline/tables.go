package pipeline

import (
	"io/fs"

	"genoveil/pipeline/atomicfile"
)

// A tableSet is result files of which none appears before all are complete. Until then
// their owner alone can read them: how far a table came before a check failed is nobody
// else's business.
type tableSet struct {
	files []*atomicfile.File
	modes []fs.FileMode // when complete
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
	t.files, t.modes = append(t.files, f), append(t.modes, info.Mode())
	return f, nil
}

// commit gives all files their final names.
func (t *tableSet) commit() error {
	for i, f := range t.files {
		if err := f.Chmod(t.modes[i]); err != nil {
			return err
		}
		if err := f.Commit(); err != nil {
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
