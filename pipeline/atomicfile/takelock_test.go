package atomicfile

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
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
	if err := (&Lock{none: syscall.ENOLCK}).Clean(path); err != nil { // without locks
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
	f, err := Create(path, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	f.Abort()
}

// TestWaitLock: the file of the lock stays, and who waits has the lock once it is let go.
func TestWaitLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	held, err := TryLock(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TryLock(name, 0o600); !errors.Is(err, ErrLocked) {
		t.Errorf("a second lock: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := WaitLock(ctx, name, 0o600); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	waited := make(chan error)
	go func() {
		l, err := WaitLock(t.Context(), name, 0o600)
		l.Release()
		waited <- err
	}()
	held.Release()
	held.Release() // does nothing now
	if err := <-waited; err != nil || !exists(name) {
		t.Errorf("waited: %v, still there %v", err, exists(name))
	}
}

// TestWithoutLocks has a file system without locks: a lock is had all the same and says
// that it is none, deletes nothing, and files are written as ever.
func TestWithoutLocks(t *testing.T) {
	defer func() { systemFlock = syscall.Flock }()
	for _, reason := range []error{syscall.ENOLCK, syscall.ENOSYS, syscall.EOPNOTSUPP} {
		systemFlock = func(int, int) error { return reason }
		path := filepath.Join(t.TempDir(), "a.sums")
		left := filepath.Join(filepath.Dir(path), ".a.sums.1.partial")
		if err := os.WriteFile(left, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			lock, err := TakeLock(path)
			if err != nil || !errors.Is(lock.None(), reason) {
				t.Fatal(err, lock.None())
			}
			if err := errors.Join(lock.Clean(path), Write(path, []byte("whole"), 0o600)); err != nil || content(t, path) != "whole" {
				t.Error(err)
			}
			defer lock.Release()
		}
		if !exists(left) || !exists(path+LockSuffix) {
			t.Error("a file of a perhaps live run was deleted")
		}
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
