package filetest

import (
	"context"
	"testing"

	"genoveil/pipeline/atomicfile"
)

// Hold takes a lock, as another task does, and returns a context that has ended.
func Hold(t *testing.T, name string) context.Context {
	held, err := atomicfile.TryLock(name, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(held.Release)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
