package panel

import (
	"bytes"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const start = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n"

// allocated is the number of bytes that the process has ever allocated.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestListBomb reads lists that unpack to far more than the variants that are expected.
func TestListBomb(t *testing.T) {
	for _, test := range []struct{ name, before, repeat, want string }{
		{"variants", start, "1\t1\t.\tA\tC\n", "line 1003: more variants than the 1000 that were expected"},
		{"long alleles", start, "1\t1\t.\tA\t" + strings.Repeat("C", 1<<16) + "\n", "names and alleles are longer than those of 1000 variants"},
		{"header", "", "##" + strings.Repeat("x", 1<<16) + "\n", "the list is longer than one of 1000 variants; write it again without samples, as 'genoveil panel' does"},
		{"one line", start, "1", "longer than 16777216 bytes"},
	} {
		for format, newWriter := range map[string]func(io.Writer) io.WriteCloser{
			"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
			"zstd": func(w io.Writer) io.WriteCloser {
				z, err := zstd.NewWriter(w)
				if err != nil {
					t.Fatal(err)
				}
				return z
			},
		} {
			var packed bytes.Buffer
			z := newWriter(&packed)
			z.Write([]byte(test.before))
			piece := []byte(strings.Repeat(test.repeat, 1<<20/len(test.repeat)))
			for range 400 {
				z.Write(piece)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "list.vcf.gz")
			if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			before := allocated()
			_, err := ReadUpTo(path, 1000)
			// A long line is read into a buffer that doubles, and what is kept of it copied.
			if used := allocated() - before; used > 100<<20 {
				t.Errorf("%s, %s: a list of %d bytes allocated %d", test.name, format, packed.Len(), used)
			}
			if err == nil || !strings.HasPrefix(err.Error(), path+", line ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %s: %.300v", test.name, format, err)
			}
		}
	}
}

// TestReadUpTo takes exactly as many variants as were expected.
func TestReadUpTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.vcf")
	if err := os.WriteFile(path, write(t, false, "", listed), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err := ReadUpTo(path, len(listed)); err != nil || len(l.Variants) != len(listed) {
		t.Errorf("%v, %v", l, err)
	}
	if _, err := ReadUpTo(path, len(listed)-1); err == nil || !strings.Contains(err.Error(), "more variants than the 3 that were expected") {
		t.Error(err)
	}
}

// FuzzList reads any text as a list of up to ten variants.
func FuzzList(f *testing.F) {
	add := func(before, repeat string, n uint16) { f.Add([]byte(before), []byte(repeat), n) }
	add(start, "1\t1\t.\tA\tC\n", 10)
	add(start, "1\t1\t.\tA\tC\n", 60_000)
	add(start, "1\t1\t.\tA\tC\r\n", 3)
	add("", "##reference=x\n", 60_000)
	add(start, "\n", 60_000)
	add(start, "1\t1\t.\t", 60_000)
	add(start, "1\t-1\t.\tA\t.\n", 1)
	f.Fuzz(func(t *testing.T, before, repeat []byte, n uint16) {
		if len(repeat)*int(n) > 4<<20 {
			return
		}
		text := append(before, bytes.Repeat(repeat, int(n))...)
		was := allocated()
		l, err := parseUpTo("list", linesOf(bytes.NewReader(text)), 10, math.MaxInt64)
		if used := allocated() - was; used > 1<<20+16*uint64(len(text)) {
			t.Errorf("%d bytes allocated %d", len(text), used)
		}
		if err == nil && (len(l.Variants) > 10 || len(l.Variants) != len(l.Lines)) {
			t.Errorf("%d variants, %d lines", len(l.Variants), len(l.Lines))
		}
	})
}

// TestListBombOfAnyLength reads a list that nothing but its file bounds.
func TestListBombOfAnyLength(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(start))
	piece := []byte(strings.Repeat("1\t1\t.\tA\tC\n", 1<<16))
	for range 100 {
		z.Write(piece)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "list.vcf.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "too many variants for a file of this size; ask for the list again where it was made"
	if _, err := Read(path); err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("a list of %d bytes: %v", packed.Len(), err)
	}
}
