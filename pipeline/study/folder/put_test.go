package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"genoveil/pipeline/atomicfile"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestPut: a file is put once; what is not it is replaced, and the caller is told.
func TestPut(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "round", "to")
	write(t, from, "whole")
	put := func(want bool) {
		t.Helper()
		if replaced, err := Put(from, to); err != nil || replaced != want || content(t, to) != "whole" {
			t.Errorf("replaced %v, %v", replaced, err)
		}
	}
	put(false)
	before, err := os.Stat(to)
	if err != nil {
		t.Fatal(err)
	}
	put(false)
	if after, err := os.Stat(to); err != nil || !os.SameFile(before, after) {
		t.Error("written again")
	}
	for _, text := range []string{"who", "whale", "", "whole and more"} {
		write(t, to, text)
		put(true)
	}
	write(t, filepath.Join(dir, "round", ".to.123.partial"), "left by a killed process")
	write(t, to, "wh")
	put(true)
	if entries, err := os.ReadDir(filepath.Join(dir, "round")); err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
	if err := errors.Join(os.Remove(to), os.Mkdir(to, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := Put(from, to); err == nil {
		t.Error("put into a directory")
	}
	if err := errors.Join(os.Remove(to), os.Symlink(from, to)); err != nil {
		t.Fatal(err)
	}
	if _, err := Put(from, to); err == nil || content(t, from) != "whole" {
		t.Error("put through a link")
	}
	if _, err := Put(filepath.Join(dir, "none"), filepath.Join(dir, "other")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestPutWhole: at no moment half a file has the name.
func TestPutWhole(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	write(t, from, "whole")
	defer func() { atomicfile.BeforeStep = nil }()
	steps := 0
	atomicfile.BeforeStep = func() {
		steps++
		if text, err := os.ReadFile(to); err == nil && string(text) != "whole" && string(text) != "old" {
			t.Errorf("%q", text)
		}
	}
	for _, before := range []string{"", "old"} {
		if before != "" {
			write(t, to, before)
		}
		if _, err := Put(from, to); err != nil {
			t.Error(err)
		}
	}
	if steps < 6 {
		t.Errorf("%d steps", steps)
	}
}

func TestPutBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d", "f")
	for _, text := range []string{"one", "one", "two", "longer"} {
		if err := PutBytes(path, []byte(text)); err != nil || content(t, path) != text {
			t.Error(text, err)
		}
	}
}

func TestDigestOf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "abc")
	if d, err := DigestOf(path, 3); err != nil || d.String() != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(d, err)
	}
	for _, size := range []int64{0, 2, 4} {
		if _, err := DigestOf(path, size); err == nil {
			t.Errorf("%d bytes", size)
		}
	}
	if _, err := DigestOf(path+"x", 3); !errors.Is(err, syscall.ENOENT) {
		t.Error(err)
	}
}
