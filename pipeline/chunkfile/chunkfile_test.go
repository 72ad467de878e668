package chunkfile_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"genoveil/pipeline/chunkfile"
)

type meta struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// read opens a file in memory and reads all its chunks.
func read(file []byte, kind string) (r *chunkfile.Reader, chunks [][]byte, err error) {
	r, err = chunkfile.NewReader(bytes.NewReader(file), int64(len(file)), "some.file", kind)
	if err != nil {
		return nil, nil, err
	}
	for i := range r.Chunks() {
		chunk := make([]byte, r.Size(i))
		if err := r.Chunk(i, chunk); err != nil {
			return nil, nil, err
		}
		chunks = append(chunks, chunk)
	}
	return r, chunks, nil
}

func sameChunks(a, b [][]byte) bool { return slices.EqualFunc(a, b, bytes.Equal) }

// Files written chunk by chunk (from several goroutines, in any order, in parts)
// or at once are what the description says, and read back.
func TestRoundTrip(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 300), rapid.SampledFrom([]int{0, 63, 64, 65, 128}))
		chunks := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []byte {
			n := size.Draw(t, "size")
			return rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "chunk")
		}), 0, 8).Draw(t, "chunks")
		m := meta{rapid.String().Draw(t, "name"), rapid.Int().Draw(t, "n")}
		kind := rapid.StringMatching(`[a-z ]{0,12}`).Draw(t, "kind")

		sizes := make([]int64, len(chunks))
		order := make([]int, len(chunks))
		cuts := make([]int, len(chunks))
		for i, chunk := range chunks {
			sizes[i], order[i] = int64(len(chunk)), i
			cuts[i] = rapid.IntRange(0, len(chunk)).Draw(t, "cut")
		}
		order = rapid.Permutation(order).Draw(t, "order")
		path := filepath.Join(dir, "chunks")
		w, err := chunkfile.Create(path, kind, m, sizes, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		var group errgroup.Group
		for _, i := range order {
			group.Go(func() error { return w.WriteChunk(i, chunks[i][:cuts[i]], chunks[i][cuts[i]:]) })
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		fingerprint, err := w.Commit()
		if err != nil {
			t.Fatal(err)
		}

		written, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := chunkfile.Encode(kind, m, chunks...)
		if err != nil {
			t.Fatal(err)
		}
		described, _ := describe(t, kind, m, chunks...).bytes()
		if !bytes.Equal(written, encoded) || !bytes.Equal(written, described) {
			t.Fatalf("three ways to write a file differ:\n%x\n%x\n%x", written, encoded, described)
		}

		r, err := chunkfile.Open(path, kind)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		var got meta
		if err := r.Meta(&got); err != nil || fmt.Sprint(got) != fmt.Sprint(asJSON(t, m)) {
			t.Fatalf("meta %+v, %v; expected %+v", got, err, m)
		}
		if r.Fingerprint() != fingerprint || r.Chunks() != len(chunks) || r.Name() != path {
			t.Fatalf("%s: %d chunks, fingerprint %s", r.Name(), r.Chunks(), r.Fingerprint())
		}
		for _, i := range order {
			buf := make([]byte, r.Size(i))
			if err := r.Chunk(i, buf); err != nil || !bytes.Equal(buf, chunks[i]) {
				t.Fatalf("chunk %d: %x, %v", i, buf, err)
			}
		}
		if k, err := chunkfile.Kind(path); err != nil || k != kind {
			t.Fatalf("kind %q, %v", k, err)
		}
	})
}

// asJSON is m after a round through JSON, which replaces invalid UTF-8.
func asJSON(t *rapid.T, m meta) (out meta) {
	text, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var example = [][]byte{[]byte("first"), {}, bytes.Repeat([]byte{7}, 64), bytes.Repeat([]byte{9}, 100)}

func exampleFile(t failer) *plainFile {
	return describe(t, "example", meta{"x", 1}, example...)
}

// Every flipped bit of content is noticed, when the file is opened or when the
// chunk is read. Flipped padding changes nothing, because nobody reads it.
func TestFlippedBits(t *testing.T) {
	file, content := exampleFile(t).bytes()
	for i := range file {
		for bit := range 8 {
			file[i] ^= 1 << bit
			_, chunks, err := read(file, "example")
			switch {
			case content[i] && err == nil:
				t.Errorf("bit %d of byte %d flipped: not noticed", bit, i)
			case content[i] && !strings.HasPrefix(err.Error(), "some.file: "):
				t.Errorf("bit %d of byte %d flipped: %v does not name the file", bit, i, err)
			case !content[i] && err == nil && !sameChunks(chunks, example):
				t.Errorf("bit %d of padding byte %d flipped: other content", bit, i)
			}
			file[i] ^= 1 << bit
		}
	}
}

// A file that is cut off anywhere in its content is refused, and so is one that
// becomes shorter after it was opened.
func TestTruncated(t *testing.T) {
	file, content := exampleFile(t).bytes()
	end := 0
	for i, c := range content {
		if c {
			end = i + 1
		}
	}
	for n := range end {
		if _, _, err := read(file[:n], "example"); err == nil || !strings.HasPrefix(err.Error(), "some.file: ") {
			t.Errorf("cut off at %d of %d bytes: %v", n, len(file), err)
		}
		r, err := chunkfile.NewReader(bytes.NewReader(file[:n]), int64(len(file)), "some.file", "example")
		if err != nil {
			continue
		}
		last := len(example) - 1
		if err := r.Chunk(last, make([]byte, len(example[last]))); err == nil {
			t.Errorf("cut off at %d of %d bytes after opening: not noticed", n, len(file))
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	tests := []struct {
		name string
		edit func(f *plainFile)
		want string
	}{
		{"another kind", func(f *plainFile) { f.header = []byte(`{"kind":"other","chunks":4,"meta":0}`) }, "some.file: holds an other, not an example"},
		{"a newer version", func(f *plainFile) { f.version = 5 }, "some.file: format version 5; this program reads version 4"},
		{"no JSON", func(f *plainFile) { f.header = []byte(`kind: example`) }, "the header is damaged"},
		{"a negative number of chunks", func(f *plainFile) { f.header = []byte(`{"kind":"example","chunks":-1}`) }, "the header is damaged"},
		{"more chunks than fit", func(f *plainFile) { f.header = []byte(`{"kind":"example","chunks":5000000000}`) }, "the header is damaged"},
		{"more chunks than listed", func(f *plainFile) { f.header = []byte(`{"kind":"example","chunks":5,"meta":0}`) }, "the header is damaged"},
		{"a huge chunk", func(f *plainFile) {
			f.table = nil
			f.addEntry(1<<40, [16]byte{})
			f.table = append(f.table, make([]byte, 3*24)...)
		}, "ends before chunk 0"},
		{"a chunk of negative size", func(f *plainFile) {
			f.table = nil
			f.addEntry(1<<63, [16]byte{})
			f.table = append(f.table, make([]byte, 3*24)...)
		}, "ends before chunk 0"},
		{"sizes that overflow", func(f *plainFile) {
			f.table = nil
			for range 4 {
				f.addEntry(1<<62, [16]byte{})
			}
		}, "ends before chunk 0"},
	}
	for _, test := range tests {
		f := exampleFile(t)
		test.edit(f)
		file, _ := f.bytes()
		if _, _, err := read(file, "example"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, file := range []string{"", "GENO", "GENOVEIL", "GENOVEIL\x01\x00\x00\x00\xff\xff\xff\xff", "##fileformat=VCFv4.3\n"} {
		if _, _, err := read([]byte(file), "example"); err == nil {
			t.Errorf("%q was opened", file)
		}
	}
}

func TestReaderChecksItsCaller(t *testing.T) {
	file, _ := exampleFile(t).bytes()
	r, _, err := read(file, "example")
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range map[int]int{-1: 0, 4: 0, 0: 4, 3: 101} {
		if err := r.Chunk(i, make([]byte, size)); err == nil {
			t.Errorf("chunk %d was read into %d bytes", i, size)
		}
	}
	var wrong struct{ N string }
	if err := r.Meta(&wrong); err == nil || !strings.HasPrefix(err.Error(), "some.file: header: ") {
		t.Errorf("meta of another type: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenAndKindRefuse(t *testing.T) {
	dir := t.TempDir()
	good, _ := exampleFile(t).bytes()
	files := map[string][]byte{
		"text":    []byte("#IID CASE\nS1 2\n"),
		"empty":   {},
		"cut":     good[:20],
		"garbled": append([]byte("GENOVEIL\x01\x00\x00\x00\x10\x00\x00\x00"), bytes.Repeat([]byte("}"), 64)...),
		"long":    []byte("GENOVEIL\x01\x00\x00\x00\xff\xff\xff\xff{}"),
	}
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := chunkfile.Open(path, "example"); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("open %s: %v", name, err)
		}
		if _, err := chunkfile.Kind(path); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("kind of %s: %v", name, err)
		}
	}
	if _, err := chunkfile.Open(filepath.Join(dir, "none"), "example"); !os.IsNotExist(err) {
		t.Error(err)
	}
	if _, err := chunkfile.Kind(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// A file that is not complete never appears, under whatever name.
func TestWriterRefuses(t *testing.T) {
	tests := []struct {
		name  string
		write func(w *chunkfile.Writer) error
		want  string
	}{
		{"a chunk left out", func(w *chunkfile.Writer) error {
			if err := w.WriteChunk(1, make([]byte, 20)); err != nil {
				return err
			}
			_, err := w.Commit()
			return err
		}, "chunk 0 was never written"},
		{"a short chunk", func(w *chunkfile.Writer) error { return w.WriteChunk(0, make([]byte, 9)) }, "chunk 0 has 9 bytes, planned 10"},
		{"a long chunk", func(w *chunkfile.Writer) error { return w.WriteChunk(0, make([]byte, 6), make([]byte, 5)) }, "chunk 0 has 11 bytes, planned 10"},
		{"a short chunk does not count", func(w *chunkfile.Writer) error {
			w.WriteChunk(0)
			w.WriteChunk(1, make([]byte, 20))
			_, err := w.Commit()
			return err
		}, "chunk 0 was never written"},
	}
	for _, test := range tests {
		dir := t.TempDir()
		path := filepath.Join(dir, "chunks")
		w, err := chunkfile.Create(path, "example", nil, []int64{10, 20}, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		err = test.write(w)
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
		w.Abort()
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: %v was left, %v", test.name, left, err)
		}
	}
	if _, err := chunkfile.Create(filepath.Join(t.TempDir(), "chunks"), "example", func() {}, nil, 0o644); err == nil {
		t.Error("a function was accepted as meta")
	}
	if _, err := chunkfile.Encode("example", func() {}); err == nil {
		t.Error("a function was accepted as meta")
	}
}

func TestFingerprintText(t *testing.T) {
	var f, back chunkfile.Fingerprint
	for i := range f {
		f[i] = byte(7 * i)
	}
	text, err := json.Marshal(f)
	if err != nil || string(text) != `"`+hex.EncodeToString(f[:])+`"` {
		t.Fatalf("%s, %v", text, err)
	}
	if err := json.Unmarshal(text, &back); err != nil || back != f {
		t.Errorf("%s, %v", back, err)
	}
	for _, bad := range []string{`""`, `"00"`, `"` + strings.Repeat("0", 66) + `"`, `"` + strings.Repeat("g", 64) + `"`} {
		if err := json.Unmarshal([]byte(bad), &back); err == nil {
			t.Errorf("%s was read as %s", bad, back)
		}
	}
}

// testdata/v4.chunks was written when version 4 was made. Files of users exist in this
// format: its bytes and its fingerprint change with the version alone.
func TestFormatIsStable(t *testing.T) {
	const fingerprint = "d48da9a294ec9931d78c99bc726e34d5527888fc7c9eda0c6c0034a6f2093367"
	want, err := os.ReadFile("testdata/v4.chunks")
	if err != nil {
		t.Fatal(err)
	}
	got, err := chunkfile.Encode("example", meta{"x", 1}, example...)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("written now: %x, %v", got, err)
	}
	r, chunks, err := read(want, "example")
	if err != nil || !sameChunks(chunks, example) {
		t.Fatalf("%x, %v", chunks, err)
	}
	if r.Fingerprint().String() != fingerprint {
		t.Errorf("fingerprint %s", r.Fingerprint())
	}
}
