package chunkfile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestContinue writes a file in any number of goes; it is the same as written in
// one.
func TestContinue(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	chunks := [][]byte{bytes.Repeat([]byte{1}, 3*ioSize/2), nil, []byte("two"), bytes.Repeat([]byte{3}, 64)}
	sizes := make([]int64, len(chunks))
	for i, c := range chunks {
		sizes[i] = int64(len(c))
	}
	want, err := Encode("test", "meta", chunks...)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	w, err := Create(path, "test", "meta", sizes, 0o644)
	must(err)
	for _, i := range []int{2, 0, 3, 1} {
		must(w.WriteChunk(i, chunks[i]))
		name, table, err := w.Save()
		must(err)
		must(w.WriteChunk(i, bytes.Repeat([]byte{9}, len(chunks[i])))) // after Save: does not count
		must(w.WriteChunk(i, chunks[i]))
		must(w.Keep())
		must(w.Keep())

		for what, try := range map[string]func() error{
			"another number of chunks": func() error {
				_, err := Continue(path, "test", "meta", sizes[:3], name, table)
				return err
			},
			"a changed checksum": func() error {
				changed := bytes.Clone(table)
				changed[i*savedSize+1] ^= 1
				_, err := Continue(path, "test", "meta", sizes, name, changed)
				return err
			},
			"a file of something else": func() error {
				_, err := Continue(path, "test", "meta", sizes, "../"+name, table)
				return err
			},
		} {
			if err := try(); err == nil {
				t.Errorf("continued with %s", what)
			}
		}
		if _, err := Continue(path, "test", "meta", sizes, ".a.0.partial", table); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without the file: %v", err)
		}
		w, err = Continue(path, "test", "meta", sizes, name, table)
		must(err)
	}
	_, err = w.Commit()
	must(err)
	w.Abort()
	got, err := os.ReadFile(path)
	must(err)
	if !bytes.Equal(got, want) {
		t.Error("the file differs from one written in one go")
	}
}
