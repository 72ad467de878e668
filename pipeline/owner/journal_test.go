package owner

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
)

// TestInterruptedJournal waits for a journal that another holds. The command was
// interrupted and has to end.
func TestInterruptedJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.index")
	if err := os.MkdirAll(journalDir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx := filetest.Hold(t, filepath.Join(journalDir(path), "lock"))
	if _, _, err := openJournal(ctx, path, format.Whole, journalState{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestRecordsAfterAGapAreForgotten leaves the record of block 2 without one of block 1.
func TestRecordsAfterAGapAreForgotten(t *testing.T) {
	index := filepath.Join(t.TempDir(), "cohort.index")
	state := journalState{CohortID: "c", KeyID: format.KeyID(format.NewID()), Params: hetest.SumParams(t, 10, 1024).Params(), Samples: []string{"a"}, CheckKey: he.MaskKey{{1}}}
	j, _, err := openJournal(t.Context(), index, format.Whole, state)
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []int{0, 2, 3} {
		if err := os.WriteFile(j.blockPath(number, ".json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j.unlock()
	j, resumed, err := openJournal(t.Context(), index, format.Whole, state)
	if err != nil || !resumed {
		t.Fatal(resumed, err)
	}
	defer j.unlock()
	if names, err := j.blocks(); err != nil || len(names) != 1 || names[0] != "block000000.json" {
		t.Errorf("records %v, %v", names, err)
	}
}

// TestStateIsMadeOnce: tasks that lock nothing agree on one check key all the same.
func TestStateIsMadeOnce(t *testing.T) {
	const tasks = 8
	dir, params := t.TempDir(), hetest.SumParams(t, 10, 1024).Params()
	keys := make([]uint64, tasks)
	var group errgroup.Group
	for i := range tasks {
		group.Go(func() error {
			j := &journal{dir: dir, shard: format.Shard{Index: i + 1, Count: tasks}}
			_, err := j.readOrMakeState(journalState{KeyID: format.KeyID(format.NewID()), Params: params, Shards: tasks, CheckKey: he.MaskKey{{uint64(i) + 1}}}, 0)
			if err == nil {
				keys[i] = j.state.CheckKey[0][0]
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(keys))); len(distinct) != 1 {
		t.Errorf("%d check keys", len(distinct))
	}
}
