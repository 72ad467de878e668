package format_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/kernels/fault"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
)

// TestCutFileIsNamed: where a file is cut while its chunks are multiplied, an engine knows
// no name. The file is named, and not one whose chunks the engine did not come to.
func TestCutFileIsNamed(t *testing.T) {
	c := pipelinetest.Simulated(t, 100, 1500, 0, 1500)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	cohort, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	var memory [2]chunkfile.Mapping
	chunk, finish, err := cohort.ReadChunk(&memory[0], 0, format.Dosage, 0)
	w.Must(err)
	_, unread, err := cohort.ReadChunk(&memory[1], 1, format.Dosage, 0)
	w.Must(err)
	path := w.Path("cohort/" + format.BlockFileName(0, 0))
	w.Must(os.Truncate(path, 4096))
	err = he.EachTile([]he.Chunk{chunk}, w.Params.Chain().AllTiles(), func(tile *he.ChunkTile) {
		if slices.Max(tile.C0(0)) == 0 {
			t.Error("the chunk is empty")
		}
	})
	if err != fault.ErrGone {
		t.Fatal(err)
	}
	err = format.Verified(err, []func() error{unread, finish})
	if !errors.Is(err, fault.ErrGone) || !strings.HasPrefix(err.Error(), path+": chunk 0: ") {
		t.Error(err)
	}
}
