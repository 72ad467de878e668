package pipeline

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"genoveil/pipeline/atomicfile"
)

func TestLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sums")
	for range 2 { // a released lock can be taken again
		lock, err := TakeLock(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := TakeLock(path); err == nil || !strings.Contains(err.Error(), path+": another task is writing it") {
			t.Errorf("a second lock: %v", err)
		}
		other, err := TakeLock(filepath.Join(filepath.Dir(path), "b.sums"))
		if err != nil {
			t.Fatal(err)
		}
		other.Release()
		lock.Release()
	}
	if left, err := filepath.Glob(filepath.Dir(path) + "/*"); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
	if _, err := TakeLock(filepath.Join(path, "no", "directory")); err == nil {
		t.Error("a lock without a directory")
	}
}

// TestLockedByTurns: however many want the lock, no two have it.
func TestLockedByTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sums")
	var inside atomic.Int32
	done := make(chan int)
	for range 8 {
		go func() {
			taken := 0
			for taken < 50 {
				lock, err := TakeLock(path)
				if err != nil {
					continue
				}
				if inside.Add(1) != 1 {
					t.Error("two have the lock")
				}
				taken++
				inside.Add(-1)
				lock.Release()
			}
			done <- taken
		}()
	}
	for range 8 {
		<-done
	}
}

// TestClean: only what killed runs left of this very file is deleted.
func TestClean(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	kept := []string{"a", "a.partial", ".a.partial", ".a..partial", ".a.b.12.partial", ".b.12.partial", ".a.12.partial.gz", ".a.77.partial"}
	gone := []string{".a.0.partial", ".a.1234567890.partial"}
	for _, name := range append(append([]string(nil), kept...), gone...) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&Lock{}).Clean(path); err != nil { // without locks
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, gone[0])); err != nil {
		t.Error("deleted without a lock: ", err)
	}
	lock, err := TakeLock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	if err := lock.Clean(path, ".a.77.partial"); err != nil {
		t.Fatal(err)
	}
	for _, name := range kept {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for _, name := range gone {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	f, err := atomicfile.Create(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	f.Abort()
}
