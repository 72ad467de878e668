package atomicfile

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

// childVariable makes the test binary, run as a child, write half a file and wait.
const childVariable = "GENOVEIL_TEST_HALF"

// TestHalfChild is the child.
func TestHalfChild(t *testing.T) {
	path := os.Getenv(childVariable)
	if path == "" {
		t.Skip("the child of the other test")
	}
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half"); err != nil {
		t.Fatal(err)
	}
	println("half")
	select {}
}

// TestCleanAfterKill: what a process writes stays until it is killed, and is then
// deleted.
func TestCleanAfterKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	left := func() int {
		t.Helper()
		if err := Clean(path); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestHalfChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+path)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	if line, err := bufio.NewReader(stderr).ReadString('\n'); err != nil || line != "half\n" {
		t.Fatalf("the child said %q (%v)", line, err)
	}
	if n := left(); n != 1 {
		t.Fatalf("%d files while the child lives", n)
	}
	cmd.Process.Signal(syscall.SIGKILL)
	cmd.Wait()
	if n := left(); n != 0 {
		t.Fatalf("%d files after the child was killed", n)
	}
}

// TestCleanKeepsWhatIsUnderWay: a file may be cleaned for all the time that it is
// written, and all the same gets its name; kept, it is no more under way.
func TestCleanKeepsWhatIsUnderWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	var stop atomic.Bool
	cleaned := make(chan error)
	go func() {
		var err error
		for !stop.Load() {
			err = errors.Join(err, Clean(path))
		}
		cleaned <- err
	}()
	for i := range 100 {
		write, want := Write, error(nil)
		if i%2 == 1 {
			write, want = WriteNew, fs.ErrExist
		}
		if err := write(path, []byte("whole"), 0o600); !errors.Is(err, want) {
			t.Fatal(err)
		}
	}
	stop.Store(true)
	if err := <-cleaned; err != nil {
		t.Fatal(err)
	}
	f, err := Create(path, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Reopen(path, filepath.Base(f.Name())); err == nil || !strings.Contains(err.Error(), "another process is writing it") {
		t.Errorf("reopened while it is written: %v", err)
	}
	if err := f.Keep(); err != nil {
		t.Fatal(err)
	}
	again, err := Reopen(path, filepath.Base(f.Name()))
	if err != nil {
		t.Fatal(err)
	}
	if err := Clean(path); err != nil || !exists(again.Name()) {
		t.Errorf("deleted while it is written: %v", err)
	}
	again.Keep()
	if err := Clean(path); err != nil || exists(again.Name()) {
		t.Errorf("not deleted: %v", err)
	}
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// TestWithoutLinks has a file system without hard links: nothing is replaced there
// either.
func TestWithoutLinks(t *testing.T) {
	defer func() { link = os.Link }()
	for _, reason := range []error{syscall.EPERM, syscall.ENOTSUP, syscall.ENOSYS} {
		link = func(from, to string) error { return &os.LinkError{Op: "link", Old: from, New: to, Err: reason} }
		path := filepath.Join(t.TempDir(), "key")
		if err := WriteNew(path, []byte("first"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := WriteNew(path, []byte("second"), 0o600); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
		text, err := os.ReadFile(path)
		entries, _ := os.ReadDir(filepath.Dir(path))
		if err != nil || string(text) != "first" || len(entries) != 1 {
			t.Errorf("%v: %q, %v, %v", reason, text, entries, err)
		}
	}
}

// TestCleanLeavesLinksAndDirectories of others, and does not fail.
func TestCleanLeavesLinksAndDirectories(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	link, dir := filepath.Join(filepath.Dir(path), ".f.1.partial"), filepath.Join(filepath.Dir(path), ".f.2.partial")
	if err := errors.Join(os.Symlink("elsewhere", link), os.Mkdir(dir, 0o700), Clean(path)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{link, dir} {
		if _, err := os.Lstat(name); err != nil {
			t.Error(err)
		}
	}
}
