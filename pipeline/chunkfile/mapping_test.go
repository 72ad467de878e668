package chunkfile_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"

	"genoveil/kernels/fault"
	"genoveil/pipeline/chunkfile"
)

// TestMap maps the chunks of a file on disk, and reads them into the mapping's buffer
// where the file is none: the same bytes, which verify in any order of their pieces, and
// the same refusals.
func TestMap(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789abcdef_"), 40_000)
	chunks := [][]byte{[]byte("first"), large, {}, large[1:], []byte("last"), large[:2*chunkfile.PieceSize]}
	file, _ := describe(t, "example", nil, chunks...).bytes()
	damaged := bytes.Clone(file)
	damaged[bytes.LastIndex(damaged[:len(damaged)-3*chunkfile.PieceSize], []byte("_0123"))] ^= 1
	for name, open := range map[string]func(*testing.T, []byte) *chunkfile.Reader{
		"file":   onDisk,
		"memory": inMemory,
	} {
		t.Run(name, func(t *testing.T) {
			r, bad := open(t, file), open(t, damaged)
			var m chunkfile.Mapping
			for range 2 { // a mapping is used again
				for i, want := range chunks {
					v, err := r.Map(i, &m)
					if err != nil || !bytes.Equal(m.Bytes(), want) || v.Pieces() != (len(want)+16383)/16384 {
						t.Fatalf("chunk %d is not what was written: %v", i, err)
					}
					for _, k := range rand.Perm(v.Pieces()) {
						if v.Finish() == nil {
							t.Fatalf("chunk %d: verified before piece %d was", i, k)
						}
						if !bytes.Equal(v.Piece(k), want[k*16384:min((k+1)*16384, len(want))]) {
							t.Fatalf("chunk %d: piece %d is another", i, k)
						}
					}
					if err := v.Finish(); err != nil {
						t.Error(err)
					}
				}
				m.Release()
				if m.Bytes() != nil {
					t.Error("a released mapping has bytes")
				}
			}
			v, err := bad.Map(3, &m)
			if err != nil {
				t.Fatal(err)
			}
			for k := range v.Pieces() {
				v.Piece(k)
			}
			if err := v.Finish(); err == nil || err.Error() != "some.file: chunk 3 is damaged; copy the file again from where it was made" {
				t.Errorf("damaged: %v", err)
			}
			if _, err := r.Map(6, &m); err == nil || err.Error() != "some.file: has no chunk 6" {
				t.Errorf("no such chunk: %v", err)
			}
		})
	}
}

// TestMapCutFile uses a chunk of a file that is cut after it was opened.
func TestMapCutFile(t *testing.T) {
	file, _ := describe(t, "example", nil, bytes.Repeat([]byte("x"), 1<<20)).bytes()
	r := onDisk(t, file)
	if err := os.Truncate("some.file", int64(len(file)/2)); err != nil {
		t.Fatal(err)
	}
	var m chunkfile.Mapping
	v, err := r.Map(0, &m)
	if err == nil {
		err = fault.Guard(func() error {
			for k := range v.Pieces() {
				v.Piece(k)
			}
			return nil
		})
	}
	if runtime.GOOS == "linux" && !errors.Is(err, fault.ErrGone) || err == nil {
		t.Errorf("a file that was cut gives: %v", err)
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
