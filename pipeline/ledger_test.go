package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"genoveil/pipeline/chunkfile"
)

func TestLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.ledger")
	l := &Ledger{Path: path, Limit: 100}
	cohort := func(i byte) chunkfile.Fingerprint { return chunkfile.Fingerprint{i} }
	for i, step := range []struct {
		answer
		fails string
	}{
		{answer{cohort(1), cohort(9), []Part{{0, 60}}}, ""},
		{answer{cohort(1), cohort(9), []Part{{0, 60}}}, ""}, // again: nothing new
		{answer{cohort(1), cohort(9), []Part{{40, 70}}}, ""},
		{answer{cohort(2), cohort(9), []Part{{0, 31}}}, "70 samples have been answered, and this would make 101, more than --max-answers 100"},
		{answer{cohort(1), cohort(8), []Part{{0, 31}}}, "this would make 101"}, // other weights
		{answer{cohort(2), cohort(9), []Part{{0, 30}}}, ""},
		{answer{cohort(3), cohort(9), []Part{{5, 6}}}, "this would make 101"},
		{answer{cohort(1), cohort(9), []Part{{10, 70}}}, ""},
	} {
		err := l.spend(step.answer)
		if (err == nil) != (step.fails == "") || err != nil && !strings.Contains(err.Error(), step.fails) {
			t.Errorf("step %d: %v, want %q", i, err, step.fails)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
	for _, content := range []string{"", "{", `{"version":2}`, "[]"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := l.spend(answer{Parts: []Part{{0, 1}}}); err == nil || !strings.Contains(err.Error(), "not a ledger") {
			t.Errorf("ledger %q: %v", content, err)
		}
	}
}

// TestLedgerIsLocked lets many tasks spend at once: exactly as many as fit succeed.
func TestLedgerIsLocked(t *testing.T) {
	l := &Ledger{Path: filepath.Join(t.TempDir(), "ledger"), Limit: 7}
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { errs[i] = l.spend(answer{Cohort: chunkfile.Fingerprint{byte(i)}, Parts: []Part{{0, 1}}}) })
	}
	wg.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		}
	}
	if done != l.Limit {
		t.Errorf("%d of %d were answered, want %d", done, len(errs), l.Limit)
	}
}

// TestSharedKey lets many shards begin at once: all have the same key.
func TestSharedKey(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run.key")
	keys := make([]string, 20)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := sharedKey(path)
			keys[i] = fmt.Sprint(key, err)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || !strings.HasSuffix(k, "<nil>") {
			t.Fatal(k, keys[0])
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Error(entries, err)
	}
	alone, err := sharedKey("")
	if again, err2 := sharedKey(""); err != nil || err2 != nil || *alone == *again {
		t.Error("two runs alone have the same key", err, err2)
	}
	for _, content := range []string{"", "abc", "zz"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sharedKey(path); err == nil {
			t.Errorf("key %q was taken", content)
		}
	}
}
