package filetest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	"genoveil/pipeline/chunkfile"
)

// Modestly calls read and demands that memory stays in proportion to the size of what is
// read.
func Modestly(t *testing.T, name string, size int, read func()) {
	t.Helper()
	Within(t, name, size, 4<<20, read)
}

// Within is modestly with some bytes of slack.
func Within(t *testing.T, name string, size, slack int, read func()) {
	t.Helper()
	before := Allocated()
	read()
	if used := Allocated() - before; used > uint64(slack)+64*uint64(size) {
		t.Errorf("%s: reading %d bytes allocated %d", name, size, used)
	}
}

// Allocated is the number of bytes that the process has ever allocated.
func Allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// Container writes a file of a kind and returns its path and size.
func Container(t testing.TB, kind string, meta any, chunks ...[]byte) (path string, size int) {
	t.Helper()
	content, err := chunkfile.Encode(kind, meta, chunks...)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, len(content)
}

// Refused demands an error that names the file, says what is wrong, and has nothing in it
// that controls a terminal.
func Refused(t *testing.T, name string, err error, path, want string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %.300v", name, err)
	}
	if text := fmt.Sprint(err); len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("%s: error of %d bytes: %.300q", name, len(text), text)
	}
}

func ManyOf[T any](n int, x T) []T { return slices.Repeat([]T{x}, n) }
