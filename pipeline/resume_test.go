package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
)

// TestResume interrupts an encryption after two of three blocks and continues it.
func TestResume(t *testing.T) {
	c := simulated(t, 150, 2500, 0.02, 2500)
	wantAssoc, _ := c.tables(t)
	w := ownerWorld{newSmallWorld(t)}

	_, err := w.genotypes(&failing{
		memorySource: c.source(2300, errBroken).(*memorySource),
		after:        w.finished("cohort.index.partial", 0, 1),
	}).Run(t.Context())
	if !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	if _, err := OpenCohort(w.path("cohort")); err == nil || !strings.Contains(err.Error(), "not a complete cohort") {
		t.Errorf("an incomplete cohort opens: %v", err)
	}
	if _, err := os.Stat(w.path("cohort.index")); err == nil {
		t.Error("an index stands under its final name")
	}
	before := seeds(w, t, 2)

	t.Run("another input is refused", func(t *testing.T) {
		other := simulated(t, 150, 2500, 0.02, 2500)
		other.rows[1500].Set(3, (other.rows[1500].At(3)+1)%3)
		_, err := w.genotypes(other.all()).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the genotypes differ from those of the interrupted run (block 1)") {
			t.Error(err)
		}
	})
	t.Run("another key is refused", func(t *testing.T) {
		job := w.genotypes(c.all())
		other, err := he.GenerateSecret(w.params.Chain())
		w.must(err)
		job.Secret = other
		if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "belongs to an interrupted encryption with a different key") {
			t.Error(err)
		}
	})

	t.Run("no variants leave what is finished", func(t *testing.T) {
		_, err := w.genotypes(c.source(0, nil)).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "no variants to encrypt") {
			t.Error(err)
		}
		if now := seeds(w, t, 2); !maps.Equal(now, before) {
			t.Error("the finished blocks changed")
		}
	})
	t.Run("two runs at a time are refused", func(t *testing.T) {
		unlock, err := lockShard(w.path("cohort.index.partial"), Whole)
		w.must(err)
		defer unlock()
		if _, err := w.genotypes(c.all()).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "another run is encrypting this cohort") {
			t.Error(err)
		}
	})

	result := w.encrypt(c.all())
	if result.Resumed != 2 || len(result.Blocks) != 3 {
		t.Fatalf("%d blocks kept of %d", result.Resumed, len(result.Blocks))
	}
	if _, err := os.Stat(w.path("cohort.index.partial")); err == nil {
		t.Error("the journal is still there")
	}
	after := seeds(w, t, 3)
	for seed := range before {
		if !after[seed] {
			t.Error("a kept block changed")
		}
	}
	w.query("case", c.status)
	w.run("case", "case")
	if got, _ := w.decrypt("case", "case"); !bytes.Equal(got, wantAssoc) {
		t.Error(firstDifference(got, wantAssoc))
	}

	t.Run("a finished cohort is not overwritten", func(t *testing.T) {
		_, err := w.genotypes(c.all()).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "already exists") {
			t.Error(err)
		}
	})
}

// TestResumeWithoutFiles: files that are gone are written again, and blocks whose
// state is gone do not count.
func TestResumeWithoutFiles(t *testing.T) {
	c := simulated(t, 150, 2500, 0.02, 2500)
	wantAssoc, _ := c.tables(t)
	for name, lose := range map[string]func(w *world) error{
		"a block's file":   func(w *world) error { return os.Remove(w.path("cohort/" + blockFileName(0, 0))) },
		"the state":        func(w *world) error { return os.Remove(w.path("cohort.index.partial/state.json")) },
		"the whole cohort": func(w *world) error { return os.RemoveAll(w.path("cohort")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := ownerWorld{newSmallWorld(t)}
			_, err := w.genotypes(&failing{
				memorySource: c.source(2300, errBroken).(*memorySource),
				after:        w.finished("cohort.index.partial", 0, 1),
			}).Run(t.Context())
			if !errors.Is(err, errBroken) {
				t.Fatal(err)
			}
			w.must(lose(w.world))
			w.encrypt(c.all())
			w.query("case", c.status)
			w.run("case", "case")
			if got, _ := w.decrypt("case", "case"); !bytes.Equal(got, wantAssoc) {
				t.Error(firstDifference(got, wantAssoc))
			}
		})
	}
}

// failing fails only after all these files are there: an error of the input
// cancels blocks that are under way, and they finish in any order.
type failing struct {
	*memorySource
	after []string
}

func (f *failing) Next(v *genomics.Variant, row genomics.Row) error {
	for f.next == f.n && len(f.after) > 0 {
		if _, err := os.Stat(f.after[0]); err == nil {
			f.after = f.after[1:]
		}
		runtime.Gosched()
	}
	return f.memorySource.Next(v, row)
}

// finished are the files in journal that say that blocks are finished.
func (w ownerWorld) finished(journal string, blocks ...int) []string {
	var paths []string
	for _, b := range blocks {
		paths = append(paths, w.path(fmt.Sprintf("%s/block%06d.json", journal, b)))
	}
	return paths
}

// seeds reads the seeds of all chunks of the first blocks, straight from the
// files: they must all differ.
func seeds(w ownerWorld, t *testing.T, blocks int) map[[32]byte]bool {
	t.Helper()
	seen := map[[32]byte]bool{}
	for b := range blocks {
		r, err := chunkfile.Open(w.path("cohort/"+blockFileName(b, 0)), cohortKind)
		w.must(err)
		for i := range r.Chunks() {
			chunk := make([]byte, r.Size(i))
			w.must(r.Chunk(i, chunk))
			seed := [32]byte(chunk[len(chunk)-seedSize:])
			if seen[seed] {
				t.Fatal("two chunks share a seed")
			}
			seen[seed] = true
		}
		w.must(r.Close())
	}
	return seen
}

// TestCancelLeavesNothingHalf cancels in the middle of a block.
func TestCancelLeavesNothingHalf(t *testing.T) {
	c := simulated(t, 300, 2500, 0.02, 2500)
	w := ownerWorld{newSmallWorld(t)}
	ctx, cancel := context.WithCancel(t.Context())
	job := w.genotypes(&cancelling{memorySource: c.all().(*memorySource), cancel: cancel, at: 1700})
	if _, err := job.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(w.path("cohort"))
	w.must(err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".partial") {
			t.Errorf("%s is left", e.Name())
		}
	}
	if result := w.encrypt(c.all()); len(result.Blocks) != 3 {
		t.Errorf("%d blocks", len(result.Blocks))
	}
}

// cancelling cancels when it is asked for a certain variant.
type cancelling struct {
	*memorySource
	cancel context.CancelFunc
	at     int
}

func (c *cancelling) Next(v *genomics.Variant, row genomics.Row) error {
	if c.next == c.at {
		c.cancel()
	}
	return c.memorySource.Next(v, row)
}

// TestNothingToEncrypt: no variants leave no cohort behind.
func TestNothingToEncrypt(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 10, 5, 0, 5)
	_, err := w.genotypes(c.source(0, nil)).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no variants to encrypt") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(w.dir); len(entries) != 0 {
		t.Errorf("%v is left", entries)
	}
}

// TestRecordsAfterAGapAreForgotten leaves the record of block 2 without one of block 1.
func TestRecordsAfterAGapAreForgotten(t *testing.T) {
	index := filepath.Join(t.TempDir(), "cohort.index")
	state := journalState{CohortID: "c", KeyID: KeyID(newID()), Params: hetest.SumParams(t, 10, 1024).Params(), Samples: []string{"a"}, CheckKey: he.MaskKey{{1}}}
	j, _, err := openJournal(t.Context(), index, Whole, state)
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []int{0, 2, 3} {
		if err := os.WriteFile(j.blockPath(number, ".json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j.unlock()
	j, resumed, err := openJournal(t.Context(), index, Whole, state)
	if err != nil || !resumed {
		t.Fatal(resumed, err)
	}
	defer j.unlock()
	if names, err := j.blocks(); err != nil || len(names) != 1 || names[0] != "block000000.json" {
		t.Errorf("records %v, %v", names, err)
	}
}
