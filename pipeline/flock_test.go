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

// TestInterruptedWaits waits for a lock that another holds, in every place that does. The
// command was interrupted and has to end.
func TestInterruptedWaits(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "a.index")
	if err := os.MkdirAll(journalDir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path + atomicfile.LockSuffix, filepath.Join(journalDir(path), "lock")} {
		held, err := atomicfile.TryLock(name, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer held.Release()
	}
	_, errWait := atomicfile.WaitForLock(ctx, path)
	_, _, errJournal := openJournal(ctx, path, Whole, journalState{})
	errLedger := (&Ledger{Path: path}).spend(ctx, answer{})
	for _, err := range []error{errWait, errJournal, errLedger} {
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
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
