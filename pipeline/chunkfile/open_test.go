package chunkfile_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"genoveil/pipeline/chunkfile"
)

// TestPipeIsRefused has a pipe in place of a file, which nobody may ever write to. It is
// open here, and holds something, so that a program that reads it does not wait.
func TestPipeIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if _, err := pipe.Write(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	want := path + ": is not a regular file"
	if _, err := chunkfile.Open(path, "kind"); err == nil || err.Error() != want {
		t.Errorf("Open: %v, want %s", err, want)
	}
	if _, err := chunkfile.Kind(path); err == nil || err.Error() != want {
		t.Errorf("Kind: %v, want %s", err, want)
	}
}
