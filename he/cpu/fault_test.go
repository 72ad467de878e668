//go:build unix

package cpu_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/kernels/fault"
)

// TestCutFile multiplies chunks that are mapped from a file which somebody cuts.
func TestCutFile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const samples = 64
	chain := hetest.Chain(10, 2, 1)
	_, keys := hetest.Keys(t, chain)
	engine, err := cpu.New(keys, 2)
	if err != nil {
		t.Fatal(err)
	}
	constants, err := engine.NewExpansion([]he.PackedColumn{hetest.Column(r, chain, false)}).Expand(0, samples)
	if err != nil {
		t.Fatal(err)
	}
	chunk, cut := mappedChunk(t, hetest.Chunk(r, chain, samples, false))
	add := func() error {
		return engine.Add(constants, []he.Product{{Chunk: chunk, Accumulator: engine.NewAccumulator([]int{0})}})
	}
	if err := add(); err != nil {
		t.Errorf("before the file is cut: %v", err)
	}
	cut()
	if err := add(); !errors.Is(err, fault.ErrGone) {
		t.Errorf("sums of a file that was cut: %v", err)
	}

	params := hetest.ScoreParams(t, 10, 1)
	_, scoreKeys := hetest.ScoreKeys(t, params.Chain())
	scorer, err := cpu.NewScorer(scoreKeys, 2)
	if err != nil {
		t.Fatal(err)
	}
	weights, err := scorer.Prepare([][][]int64{{{1, 2, 3}}})
	if err != nil {
		t.Fatal(err)
	}
	chunk, cut = mappedChunk(t, hetest.Chunk(r, params.Chain(), samples, false))
	scores := scorer.NewScores(samples, weights)
	if err := scorer.Add(scores, weights, []he.Chunk{chunk}); err != nil {
		t.Errorf("before the file is cut: %v", err)
	}
	cut()
	if err := scorer.Add(scores, weights, []he.Chunk{chunk}); !errors.Is(err, fault.ErrGone) {
		t.Errorf("scores of a file that was cut: %v", err)
	}
}

// mappedChunk puts a chunk's residues into a file that is mapped, and returns what cuts
// the file.
func mappedChunk(t *testing.T, chunk he.Chunk) (he.Chunk, func()) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "chunk")
	size := 4 * len(chunk.C0)
	if err := os.WriteFile(path, unsafe.Slice((*byte)(unsafe.Pointer(&chunk.C0[0])), size), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pages, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Munmap(pages) })
	chunk.C0 = unsafe.Slice((*uint32)(unsafe.Pointer(&pages[0])), len(chunk.C0))
	return chunk, func() {
		if err := os.Truncate(path, int64(size/2)); err != nil {
			t.Fatal(err)
		}
	}
}
