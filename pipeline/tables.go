package pipeline

import "genoveil/pipeline/atomicfile"

// A tableSet is result files of which none appears before all are complete.
type tableSet struct {
	files []*atomicfile.File
	paths []string
}

func (t *tableSet) create(path string) (*atomicfile.File, error) {
	f, err := atomicfile.Create(path, 0o666)
	if err != nil {
		return nil, err
	}
	t.files, t.paths = append(t.files, f), append(t.paths, path)
	return f, nil
}

// commit gives all files their final names and returns these.
func (t *tableSet) commit() ([]string, error) {
	for _, f := range t.files {
		if err := f.Commit(); err != nil {
			return nil, err
		}
	}
	return t.paths, nil
}

// abort throws away what was not committed.
func (t *tableSet) abort() {
	for _, f := range t.files {
		f.Abort()
	}
}
