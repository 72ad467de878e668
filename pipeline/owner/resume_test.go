package owner_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"strings"
	"testing"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
)

// TestResume interrupts an encryption after two of three blocks and continues it.
func TestResume(t *testing.T) {
	c := pipelinetest.Simulated(t, 150, 2500, 0.02, 2500)
	wantAssoc, _ := c.Tables(t)
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}

	_, err := w.Genotypes(&failing{
		MemorySource: c.Source(2300, pipelinetest.ErrBroken).(*pipelinetest.MemorySource),
		after:        w.finished("cohort.index.partial", 0, 1),
	}).Run(t.Context())
	if !errors.Is(err, pipelinetest.ErrBroken) {
		t.Fatal(err)
	}
	if !strings.HasSuffix(err.Error(), "cohort.index.partial keep the blocks encrypted before: mend the input and give the command again to continue, or delete both to start again") {
		t.Error(err)
	}
	if _, err := format.OpenCohort(w.Path("cohort")); err == nil || !strings.Contains(err.Error(), "not a complete cohort") {
		t.Errorf("an incomplete cohort opens: %v", err)
	}
	if _, err := os.Stat(w.Path("cohort.index")); err == nil {
		t.Error("an index stands under its final name")
	}
	before := seeds(w, t, 2)

	t.Run("another input is refused", func(t *testing.T) {
		other := pipelinetest.Simulated(t, 150, 2500, 0.02, 2500)
		other.Rows[1500].Set(3, (other.Rows[1500].At(3)+1)%3)
		_, err := w.Genotypes(other.All()).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "the genotypes differ from those of the interrupted run (block 1)") {
			t.Error(err)
		}
	})
	t.Run("another key is refused", func(t *testing.T) {
		job := w.Genotypes(c.All())
		other, err := he.GenerateSecret(w.Params.Chain())
		w.Must(err)
		job.Secret = other
		if _, err := job.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "belongs to an interrupted encryption with a different key") {
			t.Error(err)
		}
	})

	t.Run("no variants leave what is finished", func(t *testing.T) {
		_, err := w.Genotypes(c.Source(0, nil)).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "no variants to encrypt") {
			t.Error(err)
		}
		if now := seeds(w, t, 2); !maps.Equal(now, before) {
			t.Error("the finished blocks changed")
		}
	})
	t.Run("two runs at a time are refused", func(t *testing.T) {
		unlock, err := owner.LockShard(w.Path("cohort.index.partial"), format.Whole)
		w.Must(err)
		defer unlock()
		if _, err := w.Genotypes(c.All()).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "another run is encrypting this cohort") {
			t.Error(err)
		}
	})

	result := w.Encrypt(c.All())
	if result.Resumed != 2 || len(result.Blocks) != 3 {
		t.Fatalf("%d blocks kept of %d", result.Resumed, len(result.Blocks))
	}
	if _, err := os.Stat(w.Path("cohort.index.partial")); err == nil {
		t.Error("the journal is still there")
	}
	after := seeds(w, t, 3)
	for seed := range before {
		if !after[seed] {
			t.Error("a kept block changed")
		}
	}
	w.Query("case", c.Status)
	w.Run("case", "case")
	if got, _ := w.Decrypt("case", "case"); !bytes.Equal(got, wantAssoc) {
		t.Error(pipelinetest.FirstDifference(got, wantAssoc))
	}

	t.Run("a finished cohort is not overwritten", func(t *testing.T) {
		_, err := w.Genotypes(c.All()).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "already exists") {
			t.Error(err)
		}
	})
}

// TestResumeWithoutFiles: files that are gone are written again, and blocks whose
// state is gone do not count.
func TestResumeWithoutFiles(t *testing.T) {
	c := pipelinetest.Simulated(t, 150, 2500, 0.02, 2500)
	wantAssoc, _ := c.Tables(t)
	for name, lose := range map[string]func(w *pipelinetest.World) error{
		"a block's file":   func(w *pipelinetest.World) error { return os.Remove(w.Path("cohort/" + format.BlockFileName(0, 0))) },
		"the state":        func(w *pipelinetest.World) error { return os.Remove(w.Path("cohort.index.partial/state.json")) },
		"the whole cohort": func(w *pipelinetest.World) error { return os.RemoveAll(w.Path("cohort")) },
	} {
		t.Run(name, func(t *testing.T) {
			w := ownerWorld{pipelinetest.NewSmallWorld(t)}
			_, err := w.Genotypes(&failing{
				MemorySource: c.Source(2300, pipelinetest.ErrBroken).(*pipelinetest.MemorySource),
				after:        w.finished("cohort.index.partial", 0, 1),
			}).Run(t.Context())
			if !errors.Is(err, pipelinetest.ErrBroken) {
				t.Fatal(err)
			}
			w.Must(lose(w.World))
			w.Encrypt(c.All())
			w.Query("case", c.Status)
			w.Run("case", "case")
			if got, _ := w.Decrypt("case", "case"); !bytes.Equal(got, wantAssoc) {
				t.Error(pipelinetest.FirstDifference(got, wantAssoc))
			}
		})
	}
}

// failing fails only after all these files are there: an error of the input
// cancels blocks that are under way, and they finish in any order.
type failing struct {
	*pipelinetest.MemorySource
	after []string
}

func (f *failing) Next(v *genomics.Variant, row genomics.Row) error {
	for f.At == f.Len && len(f.after) > 0 {
		if _, err := os.Stat(f.after[0]); err == nil {
			f.after = f.after[1:]
		}
		runtime.Gosched()
	}
	return f.MemorySource.Next(v, row)
}

// finished are the files in journal that say that blocks are finished.
func (w ownerWorld) finished(journal string, blocks ...int) []string {
	var paths []string
	for _, b := range blocks {
		paths = append(paths, w.Path(fmt.Sprintf("%s/block%06d.json", journal, b)))
	}
	return paths
}

// seeds reads the seeds of all chunks of the first blocks, straight from the
// files: they must all differ.
func seeds(w ownerWorld, t *testing.T, blocks int) map[[32]byte]bool {
	t.Helper()
	seen := map[[32]byte]bool{}
	for b := range blocks {
		r, err := chunkfile.Open(w.Path("cohort/"+format.BlockFileName(b, 0)), format.CohortKind)
		w.Must(err)
		for i := range r.Chunks() {
			chunk := make([]byte, r.Size(i))
			w.Must(r.Chunk(i, chunk))
			seed := [32]byte(chunk[len(chunk)-format.SeedSize:])
			if seen[seed] {
				t.Fatal("two chunks share a seed")
			}
			seen[seed] = true
		}
		w.Must(r.Close())
	}
	return seen
}

// TestCancelLeavesNothingHalf cancels in the middle of a block.
func TestCancelLeavesNothingHalf(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 2500, 0.02, 2500)
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	ctx, cancel := context.WithCancel(t.Context())
	job := w.Genotypes(&cancelling{MemorySource: c.All().(*pipelinetest.MemorySource), cancel: cancel, at: 1700})
	if _, err := job.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(w.Path("cohort"))
	w.Must(err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".partial") {
			t.Errorf("%s is left", e.Name())
		}
	}
	if result := w.Encrypt(c.All()); len(result.Blocks) != 3 {
		t.Errorf("%d blocks", len(result.Blocks))
	}
}

// cancelling cancels when it is asked for a certain variant.
type cancelling struct {
	*pipelinetest.MemorySource
	cancel context.CancelFunc
	at     int
}

func (c *cancelling) Next(v *genomics.Variant, row genomics.Row) error {
	if c.At == c.at {
		c.cancel()
	}
	return c.MemorySource.Next(v, row)
}

// TestNothingToEncrypt: no variants leave no cohort behind.
func TestNothingToEncrypt(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 10, 5, 0, 5)
	_, err := w.Genotypes(c.Source(0, nil)).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "no variants to encrypt") {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(w.Dir); len(entries) != 0 {
		t.Errorf("%v is left", entries)
	}
}

// TestBrokenInput: an input that breaks before a block is finished leaves nothing behind.
func TestBrokenInput(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 10, 5, 0, 5)
	_, err := w.Genotypes(c.Source(3, pipelinetest.ErrBroken)).Run(t.Context())
	if !errors.Is(err, pipelinetest.ErrBroken) || err.Error() != pipelinetest.ErrBroken.Error() {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(w.Dir); len(entries) != 0 {
		t.Errorf("%v is left", entries)
	}
}
