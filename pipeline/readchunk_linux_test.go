package pipeline

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/kernels/fault"
	"genoveil/pipeline/chunkfile"
)

// TestCutFileIsNamed: where a file is cut while its chunks are multiplied, an engine knows
// no name. The file is named, and not one whose chunks the engine did not come to.
func TestCutFileIsNamed(t *testing.T) {
	c := simulated(t, 100, 1500, 0, 1500)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	cohort, err := OpenCohort(w.path("cohort"))
	w.must(err)
	var memory [2]chunkfile.Mapping
	chunk, finish, err := cohort.ReadChunk(&memory[0], 0, Dosage, 0)
	w.must(err)
	_, unread, err := cohort.ReadChunk(&memory[1], 1, Dosage, 0)
	w.must(err)
	path := w.path("cohort/" + blockFileName(0, 0))
	w.must(os.Truncate(path, 4096))
	err = he.EachTile([]he.Chunk{chunk}, w.params.Chain().AllTiles(), func(tile *he.ChunkTile) {
		if slices.Max(tile.C0(0)) == 0 {
			t.Error("the chunk is empty")
		}
	})
	if err != fault.ErrGone {
		t.Fatal(err)
	}
	err = verified(err, []func() error{unread, finish})
	if !errors.Is(err, fault.ErrGone) || !strings.HasPrefix(err.Error(), path+": chunk 0: ") {
		t.Error(err)
	}
}
