package chunkfile_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/pipeline/chunkfile"
)

// A sparse file is some bytes and zeros after them, which take no space on a disk.
type sparse []byte

func (s sparse) ReadAt(p []byte, at int64) (int, error) {
	clear(p)
	if at < int64(len(s)) {
		copy(p, s[at:])
	}
	return len(p), nil
}

// TestBombs opens files that claim more than they have. They are refused with less than
// a megabyte of memory.
func TestBombs(t *testing.T) {
	lengths := func(n string) string { return "GENOVEIL\x04\x00\x00\x00" + n }
	zeros := (&plainFile{version: 4, header: []byte(`{"kind":"example","chunks":2000000}`), table: make([]byte, 24*2_000_000)}).head()
	tests := []struct {
		name string
		file io.ReaderAt
		size int64
		want string
	}{
		{"a header of 4 GB", sparse(lengths("\xff\xff\xff\xff")), 1 << 40, "the header has 4294967295 bytes, and example have 65536 at most; ask for the file again where it was made"},
		{"a header of zeros", sparse(lengths("\x00\x00\x01\x00")), 1 << 40, "the header is damaged"},
		{"a long header of another kind", sparse(lengths("\x00\x00\x00\x10") + `{"kind":"other",`), 1 << 40, "holds an other, not an example"},
		{"a table of zeros", sparse(zeros), 8 << 30, "more than 16 chunks are empty"},
		{"more chunks than pages", sparse(zeros), 4 << 30, "the header is damaged"},
		{"escapes in the kind", sparse(seal([]byte(`{"kind":"\u001b[2J","chunks":0}`), nil)), 4096, "the header is damaged"},
	}
	for _, test := range tests {
		before := allocated()
		r, err := chunkfile.NewReader(test.file, test.size, "some.file", "example")
		if used := allocated() - before; used > 1<<20 {
			t.Errorf("%s: allocated %d bytes", test.name, used)
		}
		if err == nil || !strings.HasPrefix(err.Error(), "some.file: "+test.want) || r != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestLongHeaders writes and reads a header that is longer than those of most kinds, and
// refuses to write one that nobody would read.
func TestLongHeaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long")
	write := func(bytes int) error {
		w, err := chunkfile.Create(path, "example", strings.Repeat("x", bytes), nil, 0o644)
		if err != nil {
			return err
		}
		defer w.Abort()
		_, err = w.Commit()
		return err
	}
	if err := write(1 << 20); err != nil {
		t.Fatal(err)
	}
	if _, err := chunkfile.Open(path, "example"); err == nil || !strings.Contains(err.Error(), "the header has ") {
		t.Errorf("opened as one that lists nothing: %v", err)
	}
	if _, err := chunkfile.Open(path, "another"); err == nil || err.Error() != path+": holds an example, not an another" {
		t.Errorf("opened as another kind: %v", err)
	}
	r, err := chunkfile.OpenLimit(path, "example", chunkfile.MaxHeader)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if kind, err := chunkfile.Kind(path); err != nil || kind != "example" {
		t.Errorf("kind %q, %v", kind, err)
	}
	if err := write(chunkfile.MaxHeader); err == nil || !strings.Contains(err.Error(), "put less into one file") {
		t.Errorf("a header that is too long: %v", err)
	}
}

// TestKindReadsTheKind asks for the kind of files whose headers are no JSON after it, or
// have it somewhere else.
func TestKindReadsTheKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for header, want := range map[string]string{
		`{"kind":"example","chunks":` + strings.Repeat("[", 1<<20): "example",
		` { "kind" : "example" }`:                                  "example",
		`{"chunks":0,"kind":"example"}`:                            "",
		`{"kind":"\u001b[2J","chunks":0}`:                          "",
		`{"kind":"` + strings.Repeat("x", 1000) + `"}`:             "",
		`{"kind":7}`: "",
	} {
		if err := os.WriteFile(path, seal([]byte(header), nil), 0o600); err != nil {
			t.Fatal(err)
		}
		before := allocated()
		kind, err := chunkfile.Kind(path)
		if used := allocated() - before; used > 1<<18 {
			t.Errorf("%.40q: allocated %d bytes", header, used)
		}
		if kind != want || (err == nil) != (want != "") {
			t.Errorf("%.40q: %q, %v", header, kind, err)
		}
	}
}

// TestMetaErrorsAreShort reads a text that is quoted in the error about it.
func TestMetaErrorsAreShort(t *testing.T) {
	file, err := chunkfile.Encode("example", map[string]any{"name": bytes.Repeat([]byte{7}, 10_000)})
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := read(file, "example")
	if err != nil {
		t.Fatal(err)
	}
	var short struct{ Name longError }
	if err := r.Meta(&short); err == nil || len(err.Error()) > 400 || !strings.HasPrefix(err.Error(), "some.file: header: ") {
		t.Errorf("%d bytes: %.100v", len(fmt.Sprint(err)), err)
	}
}

// A longError says what it does not like.
type longError struct{}

func (*longError) UnmarshalText(text []byte) error { return fmt.Errorf("bad: %q", text) }
