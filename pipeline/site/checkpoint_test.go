package site

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"genoveil/pipeline/chunkfile"
)

// snapshotOf is a state and these chunks.
func snapshotOf(state any, chunks ...[]byte) *snapshot {
	s := &snapshot{state: state}
	for _, chunk := range chunks {
		s.sizes = append(s.sizes, int64(len(chunk)))
	}
	s.write = func(w *chunkfile.Writer) error {
		for i, chunk := range chunks {
			if err := w.WriteChunk(i, chunk); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}

func TestCheckpoint(t *testing.T) {
	type work struct{ Cohort, Shard string }
	type state struct{ Done int }
	out := filepath.Join(t.TempDir(), "a.sums")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mine, err := NewCheckpoint(out, "test", work{Cohort: "c", Shard: "1/2"})
	must(err)
	var got state
	if _, err := mine.Open(&got); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	for n := range 3 {
		must(mine.Save(snapshotOf(state{Done: n}, []byte("some"), bytes.Repeat([]byte{byte(n)}, n))))
		r, err := mine.Open(&got)
		must(err)
		buf := make([]byte, n)
		must(r.Chunk(1, buf))
		if got.Done != n || r.Chunks() != 2 || !bytes.Equal(buf, bytes.Repeat([]byte{byte(n)}, n)) {
			t.Errorf("saved %d, opened %d with %v", n, got.Done, buf)
		}
		r.Close()
	}
	other, err := NewCheckpoint(out, "test", work{Cohort: "c", Shard: "2/2"})
	must(err)
	var text string // another form of state
	if _, err := other.Open(&text); !errors.Is(err, errForeign) {
		t.Errorf("another shard's: %v", err)
	}
	// A bit that flips anywhere in the head, a shorter or empty file, and a directory.
	whole, err := os.ReadFile(mine.Path())
	must(err)
	for i := range 200 {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 1
		must(os.WriteFile(mine.Path(), damaged, 0o644))
		if _, err := mine.Open(&got); err == nil {
			t.Errorf("opened with byte %d damaged", i)
		}
	}
	for _, n := range []int{0, 10, len(whole) - 1} {
		must(os.WriteFile(mine.Path(), whole[:n], 0o644))
		if _, err := mine.Open(&got); err == nil {
			t.Errorf("opened with %d bytes", n)
		}
	}
	must(mine.Remove())
	must(mine.Remove())
	must(os.Mkdir(mine.Path(), 0o755))
	if _, err := mine.Open(&got); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory: %v", err)
	}
}
