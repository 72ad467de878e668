package atomicfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"genoveil/pipeline/atomicfile"
)

// names lists what a directory holds.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNothingUnderTheFinalNameBeforeCommit(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "table")
	f, err := atomicfile.Create(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	left := names(t, dir)
	if len(left) != 1 || left[0] == "table" || !strings.HasPrefix(left[0], ".table.") || !strings.HasSuffix(left[0], ".partial") {
		t.Errorf("before Commit: %q", left)
	}
	if _, err := f.WriteString(" and half"); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Abort() // must do nothing now
	if left := names(t, dir); len(left) != 1 || left[0] != "table" || content(t, path) != "half and half" {
		t.Errorf("after Commit: %q, %q", left, content(t, path))
	}
}

func TestCommitReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	for _, text := range []string{"old and long", "new", ""} {
		if err := atomicfile.Write(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if content(t, path) != text {
			t.Errorf("%q, expected %q", content(t, path), text)
		}
	}
}

func TestAbortLeavesWhatWasThere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "table")
	for _, before := range []string{"", "old"} {
		if before != "" {
			if err := atomicfile.Write(path, []byte(before), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		f, err := atomicfile.Create(path, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString("new"); err != nil {
			t.Fatal(err)
		}
		f.Abort()
		f.Abort()
		left := names(t, dir)
		if before == "" && len(left) != 0 || before != "" && (len(left) != 1 || content(t, path) != before) {
			t.Errorf("after Abort over %q: %q", before, left)
		}
	}
}

// A directory of the same name cannot be replaced by a file.
func TestFailedRenameLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "table")
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	err := atomicfile.Write(path, []byte("new"), 0o644)
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v does not name %s", err, path)
	}
	if left := names(t, dir); len(left) != 1 || left[0] != "table" {
		t.Errorf("left: %q", left)
	}
}

// TestMode: the umask has its say, as for any file that a program creates, and the
// temporary file is never more readable than the final one.
func TestMode(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := t.TempDir()
	for umask, modes := range map[int]map[fs.FileMode]fs.FileMode{
		0o077: {0o600: 0o600, 0o666: 0o600, 0o777: 0o700},
		0o022: {0o600: 0o600, 0o666: 0o644, 0o777: 0o755},
		0o002: {0o600: 0o600, 0o666: 0o664, 0o777: 0o775},
	} {
		syscall.Umask(umask)
		for mode, want := range modes {
			for name, commit := range map[string]func(*atomicfile.File) error{"old": (*atomicfile.File).Commit, "new": (*atomicfile.File).CommitNew} {
				path := filepath.Join(dir, fmt.Sprintf("%s-%o-%o", name, umask, mode))
				f, err := atomicfile.Create(path, mode)
				if err != nil {
					t.Fatal(err)
				}
				before, err := f.Stat()
				if err != nil || before.Mode().Perm() != want {
					t.Errorf("umask %03o: mode %o before %s, expected %o (%v)", umask, before.Mode().Perm(), name, want, err)
				}
				if err := commit(f); err != nil {
					t.Fatal(err)
				}
				if after, err := os.Stat(path); err != nil || after.Mode().Perm() != want {
					t.Errorf("umask %03o: mode %o after %s, expected %o (%v)", umask, after.Mode().Perm(), name, want, err)
				}
			}
		}
	}
}

func TestMissingDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "table")
	if _, err := atomicfile.Create(path, 0o644); !os.IsNotExist(err) || !strings.Contains(err.Error(), filepath.Dir(path)) {
		t.Error(err)
	}
	if err := atomicfile.Write(path, nil, 0o644); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// TestOneWriterIsFirst lets several write the same new file: one succeeds, and the
// others find its content, whole.
func TestOneWriterIsFirst(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	const writers = 8
	var group sync.WaitGroup
	errs := make([]error, writers)
	seen := make([]string, writers)
	for i := range writers {
		group.Go(func() {
			errs[i] = atomicfile.WriteNew(path, bytes.Repeat([]byte{byte('a' + i)}, 1<<16), 0o600)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			seen[i] = string(text)
		})
	}
	group.Wait()
	first := slices.Index(errs, nil)
	if first < 0 {
		t.Fatal(errs)
	}
	for i := range writers {
		if i != first && !errors.Is(errs[i], fs.ErrExist) {
			t.Errorf("writer %d after %d: %v", i, first, errs[i])
		}
		if seen[i] != strings.Repeat(string(rune('a'+first)), 1<<16) {
			t.Errorf("writer %d saw something else than what writer %d wrote", i, first)
		}
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("left: %q", left)
	}
}

// Errors have the name that the user gave, and not that of the temporary file.
func TestErrorsNameTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "missing", "table")
	if _, err := atomicfile.Create(path, 0o600); !errors.Is(err, fs.ErrNotExist) || err.Error() != "open "+path+": no such file or directory" {
		t.Error(err)
	}
	path = filepath.Join(dir, "table")
	f, err := atomicfile.Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.File.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("x")); err == nil || err.Error() != "write "+path+": file already closed" {
		t.Error(err)
	}
	if _, err := f.WriteAt([]byte("x"), 0); err == nil || err.Error() != "write "+path+": file already closed" {
		t.Error(err)
	}
}
