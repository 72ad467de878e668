package bundle

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// withFullDisk calls f while no file can become longer than limit bytes: writes fail as on
// a full disk, after some of their bytes.
func withFullDisk(t *testing.T, limit uint64, f func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old))
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: old.Max}))
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old)
	f()
}

// childVariable makes the test binary, run as a child, meet full disks: its limits are not
// those of what go test itself writes.
const childVariable = "GENOVEIL_TEST_FULL"

// TestFullDisk: what does not fit leaves nothing behind, and goes in when there is room.
func TestFullDisk(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
		cmd.Env = append(os.Environ(), childVariable+"=1")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		return
	}
	files := tree{"a.tsv": random(20_000, 1), "list.tsv": random(100_000, 2), "a/x.msg": "signed"}
	from := t.TempDir()
	must(t, files.write(from))
	out := filepath.Join(t.TempDir(), "out")
	export := func() ([]string, error) {
		return Export(from, []string{"a/x.msg", "a.tsv", "list.tsv"}, out, 70_000)
	}
	withFullDisk(t, 60_000, func() {
		if _, err := export(); err == nil {
			t.Error("exported on a full disk")
		}
	})
	demandTree(t, filepath.Dir(out), tree{})
	bundles, err := export()
	must(t, err)

	dir, pieces := t.TempDir(), t.TempDir()
	// Of the first bundle a.tsv fits, and not the part of the list, before which no message
	// is put.
	withFullDisk(t, 30_000, func() {
		report, err := Import(dir, pieces, bundles[0], anything)
		if err == nil {
			t.Error("imported on a full disk")
		}
		same(t, "report", report, Report{New: 1})
	})
	demandTree(t, dir, tree{"a.tsv": files["a.tsv"]})
	demandTree(t, pieces, tree{})
	report, err := Import(dir, pieces, bundles[0], anything)
	must(t, err)
	same(t, "report", report, Report{New: 1, Known: 1, Waiting: 1})

	// Both parts fit, and the file does not.
	withFullDisk(t, 80_000, func() {
		if _, err := Import(dir, pieces, bundles[1], anything); err == nil {
			t.Error("imported on a full disk")
		}
	})
	if _, err := os.Lstat(filepath.Join(dir, "list.tsv")); !os.IsNotExist(err) {
		t.Error(err)
	}
	report, err = Import(dir, pieces, bundles[1], anything)
	must(t, err)
	same(t, "report", report, Report{New: 1})
	demandTree(t, dir, files)
	demandTree(t, pieces, tree{})
}
