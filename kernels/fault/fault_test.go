//go:build unix

package fault_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"genoveil/kernels/cpu"
	"genoveil/kernels/fault"
)

// TestCutFile reads a mapped file that is cut behind the mapping's back: in Go, and in
// the assembly of the widest vectors that the processor has.
func TestCutFile(t *testing.T) {
	size := 8 * os.Getpagesize()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	bytes, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(bytes)
	words := unsafe.Slice((*uint32)(unsafe.Pointer(&bytes[0])), size/4)

	m, err := cpu.NewModulus(97)
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]uint32, len(words))
	reads := map[string]func() error{
		"in Go":       func() error { dst[0] = words[len(words)-1]; return nil },
		"the largest": func() error { dst[0] = cpu.Max(words); return nil },
		"sums":        func() error { m.AddVec(dst, words, words); return nil },
		"lifts":       func() error { cpu.Lift(dst, words, m, m, true); return nil },
	}
	for name, read := range reads {
		if err := fault.Guard(read); err != nil {
			t.Errorf("%s: %v before the file is cut", name, err)
		}
	}
	if err := os.Truncate(path, int64(size/2)); err != nil {
		t.Fatal(err)
	}
	for name, read := range reads {
		if err := fault.Guard(read); !errors.Is(err, fault.ErrGone) {
			t.Errorf("%s: %v after the file is cut", name, err)
		}
	}
}

// TestOtherPanics are not the guard's.
func TestOtherPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a panic was taken for a fault")
		}
	}()
	var nothing []int
	_ = fault.Guard(func() error { _ = nothing[len(os.Args)]; return nil })
}

// TestErrors pass through.
func TestErrors(t *testing.T) {
	want := errors.New("no")
	if got := fault.Guarded(func() error { return want })(); got != want {
		t.Errorf("%v, not %v", got, want)
	}
}
