package owner

import (
	"context"
	"errors"
	"testing"

	"genoveil/he"
)

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
