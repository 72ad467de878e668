package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
)

// keygen runs the command.
func keygen(dir string) (code int, said string) {
	var stderr bytes.Buffer
	code = run(context.Background(), []string{"keygen", "-o", dir}, nil, &stderr, &stderr)
	return code, stderr.String()
}

// demandPair demands that a directory has a secret key, its evaluation keys, and
// nothing else but a journal.
func demandPair(t *testing.T, dir string) {
	t.Helper()
	sk, err := loadSecret(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := format.LoadEvaluationKeys(filepath.Join(dir, evalName))
	if err != nil {
		t.Fatal(err)
	}
	if keys.KeyID != sk.ID() {
		t.Fatalf("%s has the secret key %x and evaluation keys of %x", dir, sk.ID(), keys.KeyID)
	}
	entries, err := os.ReadDir(dir)
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == journalName })
	if err != nil || len(entries) != 2 {
		t.Fatalf("%s has %v (%v)", dir, entries, err)
	}
}

// TestKeygenAtOnce: of many at once one makes the keys, and the others say that they
// are there.
func TestKeygenAtOnce(t *testing.T) {
	for round := range 2 {
		dir := filepath.Join(t.TempDir(), fmt.Sprint(round))
		var done atomic.Int32
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				switch code, said := keygen(dir); {
				case code == exitDone:
					done.Add(1)
				case code != exitFailed || !strings.Contains(said, ": already exists; "):
					t.Errorf("exit code %d: %s", code, said)
				}
			})
		}
		group.Wait()
		if done.Load() != 1 {
			t.Errorf("%d made keys", done.Load())
		}
		demandPair(t, dir)
	}
}

// TestKeygenBetween has a whole keygen run between the two files of another: it makes
// what is missing, and of the same secret key.
func TestKeygenBetween(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var once sync.Once
	defer func() { atomicfile.BeforeStep = nil }()
	atomicfile.BeforeStep = func() {
		if mustBeNew(filepath.Join(dir, secretName)) == nil {
			return
		}
		once.Do(func() {
			atomicfile.BeforeStep = nil
			if code, said := keygen(dir); code != exitDone || !strings.Contains(said, "making what is missing from it") {
				t.Errorf("between: exit code %d: %s", code, said)
			}
		})
	}
	if code, said := keygen(dir); code != exitFailed || !strings.Contains(said, evalName+": already exists") {
		t.Errorf("exit code %d: %s", code, said)
	}
	demandPair(t, dir)
}

// keygenKillVariable makes the test binary, run as a child, make keys in a directory
// and kill itself on the way.
const keygenKillVariable = "GENOVEIL_TEST_KEYGEN_KILL"

// TestKeygenChild is the child. It says how many changes on disk there were.
func TestKeygenChild(t *testing.T) {
	var kill, steps int64
	var dir string
	if _, err := fmt.Sscanf(os.Getenv(keygenKillVariable), "%d %s", &kill, &dir); err != nil {
		t.Skip("the child of the other test")
	}
	atomicfile.BeforeStep = func() {
		if steps++; steps == kill {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	if code, said := keygen(dir); code != exitDone {
		t.Fatal(said)
	}
	fmt.Printf("steps %d\n", steps)
}

// TestKeygenKilled kills keygen before each of its last changes on disk, and before the
// first. The same command then makes what is missing, or says that nothing is.
func TestKeygenKilled(t *testing.T) {
	child := func(kill int, dir string) string {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKeygenChild$")
		cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", keygenKillVariable, kill, dir))
		said, _ := cmd.Output()
		return string(said)
	}
	var steps int
	said := child(-1, filepath.Join(t.TempDir(), "keys"))
	if _, err := fmt.Sscanf(said, "steps %d\n", &steps); err != nil || steps < 16 {
		t.Fatalf("the child said %q", said)
	}
	half := 0
	for kill := 1; kill <= steps; kill++ {
		if kill == 2 {
			kill = steps - 13 // the last four write the journal
		}
		dir := filepath.Join(t.TempDir(), "keys")
		if said := child(kill, dir); strings.Contains(said, "steps") {
			t.Fatalf("not killed before change %d", kill)
		}
		_, errSecret := fs.Stat(os.DirFS(dir), secretName)
		_, errEval := fs.Stat(os.DirFS(dir), evalName)
		switch code, said := keygen(dir); {
		case errSecret != nil && errEval == nil:
			t.Fatalf("killed before change %d, it has left evaluation keys alone", kill)
		case errEval == nil && (code != exitFailed || !strings.Contains(said, "already exists")),
			errEval != nil && code != exitDone:
			t.Fatalf("after a kill before change %d: exit code %d: %s", kill, code, said)
		case errSecret == nil && errEval != nil:
			half++
		}
		demandPair(t, dir)
	}
	if half == 0 {
		t.Error("never killed between the two files")
	}
}
