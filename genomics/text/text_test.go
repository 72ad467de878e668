package text

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/biogo/hts/bgzf"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

// formats compress a text. Gzip comes in two members, zstd in two frames.
var formats = map[string]func(string) []byte{
	"plain": func(s string) []byte { return []byte(s) },
	"gzip": func(s string) []byte {
		return twice(s, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	},
	"zstd": func(s string) []byte {
		return twice(s, func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				panic(err)
			}
			return z
		})
	},
	"BGZF": func(s string) []byte {
		var out bytes.Buffer
		z := bgzf.NewWriter(&out, 1)
		io.WriteString(z, s)
		z.Close()
		return out.Bytes()
	},
}

func twice(s string, compress func(io.Writer) io.WriteCloser) []byte {
	var out bytes.Buffer
	for _, half := range []string{s[:len(s)/2], s[len(s)/2:]} {
		z := compress(&out)
		io.WriteString(z, half)
		z.Close()
	}
	return out.Bytes()
}

// all reads all lines. Their numbers have to be in order.
func all(l *Lines) (lines []string, err error) {
	for {
		line, err := l.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, string(line))
		if l.Number() != len(lines) {
			return nil, fmt.Errorf("line %d has the number %d", len(lines), l.Number())
		}
	}
}

// TestFormats reads text in all formats, from a file and from a slow stream.
func TestFormats(t *testing.T) {
	text := "\ufeff#IID\tA\r\n\ns1\t1\r\n" + strings.Repeat("x", 3*bufferSize) + "\nend \ufeff"
	want := []string{"#IID\tA", "", "s1\t1", strings.Repeat("x", 3*bufferSize), "end \ufeff"}
	for name, compress := range formats {
		data := compress(text)
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := Open(path, 1<<20, "a text")
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := all(l)
		if diff := cmp.Diff(want, got); diff != "" || err != nil || l.Name() != path {
			t.Error(name, err, diff)
		}
		if err := l.Close(); err != nil {
			t.Error(name, err)
		}
		if _, err := l.Next(); err == nil || len(data) > bufferSize && err == io.EOF {
			t.Errorf("%s: %v after closing", name, err)
		}
		got, err = all(NewLines("f", iotest.OneByteReader(bytes.NewReader(data)), 1<<20, "a text"))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Error(name, err, diff)
		}
	}
}

// TestDamage demands an error for what is cut off, and says what to do.
func TestDamage(t *testing.T) {
	text := strings.Repeat("a line\n", 1000)
	for name, want := range map[string]string{
		"gzip": "f, after line 1000: the compressed data end early; copy the file again, and check it with gzip -t",
		"zstd": "f, after line 500: cannot read on: the compressed data end early; copy the file again, and check it with zstd -t",
		"BGZF": "f, after line 1000: the file ends early (no BGZF end marker); copy it again, and check it with bgzip -t",
	} {
		data := formats[name](text)
		cut := 1
		if name == "BGZF" {
			cut = 28 // the end marker
		}
		got, err := all(NewLines("f", bytes.NewReader(data[:len(data)-cut]), 100, "a text"))
		if len(got) < 500 || err == nil || err.Error() != want {
			t.Errorf("%s: %d lines, %v", name, len(got), err)
		}
	}
	if _, err := all(NewLines("f", strings.NewReader("\x1f\x8b\x08"), 100, "a text")); err == nil || err.Error() != "f: damaged gzip file: unexpected EOF" {
		t.Error(err)
	}
	broken := errors.New("broken")
	for _, data := range []string{"", "a\nb"} {
		_, err := all(NewLines("f", io.MultiReader(strings.NewReader(data), iotest.ErrReader(broken)), 100, "a text"))
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "f") {
			t.Errorf("%q: %v", data, err)
		}
	}
}

// TestOpenRefuses names the file at once.
func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, 100, "a text"); err == nil || err.Error() != dir+" is a folder, not a text" {
		t.Error(err)
	}
	if _, err := Open(dir+"/none", 100, "a text"); !os.IsNotExist(err) {
		t.Error(err)
	}
	data := formats["BGZF"]("a\n")
	path := filepath.Join(dir, "cut.gz")
	if err := os.WriteFile(path, data[:len(data)-28], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, 100, "a text"); err == nil || !strings.HasPrefix(err.Error(), path+": the file ends early (no BGZF end marker)") {
		t.Error(err)
	}
}

// TestLongLines refuses a line longer than the bound, whether or not it ends.
func TestLongLines(t *testing.T) {
	for _, longest := range []int{10, bufferSize, bufferSize + 10, 5 * bufferSize} {
		line := strings.Repeat("y", longest-1) + "\n"
		got, err := all(NewLines("f", strings.NewReader(line+line), longest, "a text"))
		if len(got) != 2 || err != nil {
			t.Errorf("%d: %d, %v", longest, len(got), err)
		}
		got, err = all(NewLines("f", io.MultiReader(strings.NewReader(line), unending{}), longest, "a text"))
		if want := fmt.Sprintf("f, line 2: longer than %d bytes; is it a text?", longest); len(got) != 1 || err == nil || err.Error() != want {
			t.Errorf("%d: %d, %v", longest, len(got), err)
		}
	}
}

// unending is a reader of a line that does not end.
type unending struct{}

func (unending) Read(p []byte) (int, error) { return copy(p, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"), nil }

// TestWindow refuses a frame of zstd whose decoder would take gigabytes.
func TestWindow(t *testing.T) {
	frame := "\x28\xb5\x2f\xfd\x00\xb8" // a window of 2^33 bytes
	if _, err := all(NewLines("f", strings.NewReader(frame+"\x01\x00\x00"), 100, "a text")); !errors.Is(err, zstd.ErrWindowSizeExceeded) {
		t.Error(err)
	}
}

// TestTwin splits any text as its twin does.
func TestTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"a", "bc ", "\n", "\r\n", "\r", "\t", "\ufeff", strings.Repeat("z", bufferSize-1)})).Draw(t, "parts")
		text := strings.Join(parts, "")
		if strings.HasPrefix(text, "\x1f\x8b") {
			return
		}
		var want []string
		for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
			line = strings.TrimRight(line, "\r\n")
			if strings.Contains(line, "\r") {
				_, err := all(NewLines("f", strings.NewReader(text), 1<<30, "a text"))
				if where := fmt.Sprintf("f, line %d: a line end of CR alone", len(want)+1); err == nil || !strings.HasPrefix(err.Error(), where) {
					t.Fatal(err)
				}
				return
			}
			want = append(want, line)
		}
		if text == "\ufeff" {
			want = []string{""}
		}
		got, err := all(NewLines("f", strings.NewReader(text), 1<<30, "a text"))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatal(err, diff)
		}
	})
}

// FuzzLines reads any data. Every error names the text.
func FuzzLines(f *testing.F) {
	for _, compress := range formats {
		f.Add(compress("a\nb\r\n"))
	}
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\xb8\x01\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := NewLines("name", bytes.NewReader(data), 1<<16, "a text")
		for {
			line, err := l.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				if !strings.HasPrefix(err.Error(), "name") {
					t.Error(err)
				}
				return
			}
			if len(line) > 1<<16 || bytes.HasSuffix(line, []byte("\n")) {
				t.Errorf("%.100q", line)
			}
		}
	})
}
