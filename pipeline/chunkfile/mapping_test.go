package chunkfile_test

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"testing"

	"genoveil/kernels/fault"
	"genoveil/pipeline/chunkfile"
)

// TestMap maps the chunks of a file on disk, and reads them into the mapping's buffer
// where the file is none: the same bytes in the same pieces, and the same refusals.
func TestMap(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789abcdef_"), 40_000)
	chunks := [][]byte{[]byte("first"), large, {}, large[1:], []byte("last")}
	file, _ := describe(t, "example", nil, chunks...).bytes()
	damaged := bytes.Clone(file)
	damaged[bytes.LastIndex(damaged, []byte("_0123"))] ^= 1
	for name, open := range map[string]func(*testing.T, []byte) *chunkfile.Reader{
		"file":   onDisk,
		"memory": inMemory,
	} {
		t.Run(name, func(t *testing.T) {
			r, bad := open(t, file), open(t, damaged)
			var m chunkfile.Mapping
			for round := range 2 { // a mapping is used again
				for i, want := range chunks {
					var seen []byte
					err := r.Map(i, &m, func(offset int, piece []byte) error {
						if offset != len(seen) {
							t.Errorf("a piece at %d after %d bytes", offset, len(seen))
						}
						seen = append(seen, piece...)
						return nil
					})
					if err != nil || !bytes.Equal(m.Bytes(), want) || !bytes.Equal(seen, want) {
						t.Fatalf("round %d: chunk %d is not what was written, or not all was looked at: %v", round, i, err)
					}
				}
				m.Release()
				if m.Bytes() != nil {
					t.Error("a released mapping has bytes")
				}
			}
			nothing := func(int, []byte) error { return nil }
			if err := bad.Map(3, &m, nothing); err == nil || err.Error() != "some.file: chunk 3 is damaged; copy the file again from where it was made" {
				t.Errorf("damaged: %v", err)
			}
			if err := r.Map(5, &m, nothing); err == nil || err.Error() != "some.file: has no chunk 5" {
				t.Errorf("no such chunk: %v", err)
			}
			refusal := errors.New("not these")
			if err := r.Map(1, &m, func(int, []byte) error { return refusal }); !errors.Is(err, refusal) {
				t.Errorf("%v where a look at a piece failed", err)
			}
		})
	}
}

// TestMapCutFile maps a chunk of a file that is cut after it was opened.
func TestMapCutFile(t *testing.T) {
	file, _ := describe(t, "example", nil, bytes.Repeat([]byte("x"), 1<<20)).bytes()
	r := onDisk(t, file)
	if err := os.Truncate("some.file", int64(len(file)/2)); err != nil {
		t.Fatal(err)
	}
	var m chunkfile.Mapping
	err := r.Map(0, &m, func(int, []byte) error { return nil })
	if runtime.GOOS == "linux" && !errors.Is(err, fault.ErrGone) || err == nil {
		t.Errorf("a file that was cut gives: %v", err)
	}
	if m.Bytes() != nil && runtime.GOOS == "linux" {
		t.Error("the mapping has bytes after an error")
	}
}

// onDisk writes some.file in a folder of its own, which becomes the working folder.
func onDisk(t *testing.T, file []byte) *chunkfile.Reader {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("some.file", file, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := chunkfile.Open("some.file", "example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func inMemory(t *testing.T, file []byte) *chunkfile.Reader {
	t.Helper()
	r, err := chunkfile.NewReader(bytes.NewReader(file), int64(len(file)), "some.file", "example")
	if err != nil {
		t.Fatal(err)
	}
	return r
}
