package atomicfile

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestWriteAtLarge writes pieces of a file in random order from several goroutines:
// large and small ones, at pages and beside them, in the file and in memory.
func TestWriteAtLarge(t *testing.T) {
	const size = 24 << 20
	r := rand.New(rand.NewPCG(1, 2))
	whole := bytes.Repeat([]byte("whatever it holds"), size/17+1)[:size]
	path := filepath.Join(t.TempDir(), "file")
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	var cuts []int
	for at := 0; at < size; {
		cuts = append(cuts, at)
		at += []int{1, 100, directAlign, directSize - 1, directSize, directSize + 5000, 3 * directSize}[r.IntN(7)]
		if r.IntN(2) == 0 {
			at = (at + directAlign - 1) / directAlign * directAlign
		}
	}
	cuts = append(cuts, size)
	var group sync.WaitGroup
	for _, i := range r.Perm(len(cuts) - 1) {
		piece := whole[cuts[i]:cuts[i+1]]
		if i%2 == 0 {
			piece = bytes.Clone(piece) // at the beginning of a page of memory, if it is large
		}
		group.Go(func() {
			if n, err := f.WriteAt(piece, int64(cuts[i])); n != len(piece) || err != nil {
				t.Error(n, err)
			}
		})
	}
	group.Wait()
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
		t.Errorf("the file is not what was written: %v", err)
	}
}

// TestWriteAround says what goes around the page cache where the file system has that,
// and that what fails there is written nevertheless.
func TestWriteAround(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	other, err := openDirect(f.Name())
	supported := err == nil
	page := make([]byte, 4*directSize) // large, so at the beginning of a page
	for name, test := range map[string]struct {
		b      []byte
		offset int64
		want   int
	}{
		"whole":                   {page, 3 * directAlign, len(page)},
		"with an end":             {page[:directSize+7], 0, directSize},
		"small":                   {page[:directSize-1], 0, 0},
		"beside a page":           {page, 512, 0},
		"beside a page in memory": {page[512:], 0, 0},
	} {
		if !supported {
			test.want = 0
		}
		if got := f.direct.writeAt(f.Name(), test.b, test.offset); got != test.want {
			t.Errorf("%s: %d bytes written, expected %d", name, got, test.want)
		}
	}
	if supported {
		other.Close()
		f.direct.close()
		f.direct.file = other // which fails
	}
	if n, err := f.WriteAt(page, 0); n != len(page) || err != nil {
		t.Error(n, err)
	}
}
