package pipeline

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"genoveil/he"
	"genoveil/pipeline/atomicfile"
)

// hold takes a lock, as another task does, and returns a context that has ended.
func hold(t *testing.T, name string) context.Context {
	held, err := atomicfile.TryLock(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(held.Release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// TestInterruptedJournal waits for a journal that another holds. The command was
// interrupted and has to end.
func TestInterruptedJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.index")
	if err := os.MkdirAll(journalDir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx := hold(t, filepath.Join(journalDir(path), "lock"))
	if _, _, err := openJournal(ctx, path, Whole, journalState{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestInterruptedLedger waits for a ledger that another holds.
func TestInterruptedLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.ledger")
	if err := (&Ledger{Path: path}).spend(hold(t, path+atomicfile.LockSuffix), answer{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestDecryptionEnds ends a block's decryption when it is interrupted, and not where a
// column is damaged: when it ended would say where.
func TestDecryptionEnds(t *testing.T) {
	d := &Decryption{Threads: 1}
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	if err := d.parallel(ctx, 9, func(int) error { done++; return he.ErrDamaged }); !errors.Is(err, he.ErrDamaged) || done != 9 {
		t.Error(done, err)
	}
	done = 0
	if err := d.parallel(ctx, 9, func(int) error { done++; cancel(); return nil }); !errors.Is(err, context.Canceled) || done != 1 {
		t.Error(done, err)
	}
}
