//go:build unix

package hetest

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"unsafe"

	"genoveil/he"
	"genoveil/kernels/fault"
)

// CutFile: an engine and a scorer refuse chunks that are mapped from a file which somebody
// cuts.
func CutFile(t *testing.T, newEngine NewEngine, newScorer NewScorer) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	const samples = he.ChunkSamples
	chain := Chain(10, 2, 1)
	_, keys := Keys(t, chain)
	engine, err := newEngine(keys)
	must(err)
	constants, err := engine.NewExpansion([]he.SeededCiphertext{Column(r, chain, false)}).Expand(0, samples)
	must(err)
	chunk, cut := MappedChunk(t, EncryptedChunk(r, chain, samples, false))
	add := func() error {
		return engine.Add(constants, []he.Product{{Chunk: he.NewChunk(chunk, nil), Accumulator: engine.NewAccumulator([]int{0})}})
	}
	if err := add(); err != nil {
		t.Errorf("before the file is cut: %v", err)
	}
	cut()
	if err := add(); !errors.Is(err, fault.ErrGone) {
		t.Errorf("sums of a file that was cut: %v", err)
	}

	params := ScoreParams(t, 10, 1)
	_, scoreKeys := ScoreKeys(t, params.Chain())
	scorer, err := newScorer(scoreKeys)
	must(err)
	weights, err := scorer.Prepare([][][]int64{{{1, 2, 3}}})
	must(err)
	chunk, cut = MappedChunk(t, EncryptedChunk(r, params.Chain(), samples, false))
	chunks, scores := []he.Chunk{he.NewChunk(chunk, nil)}, scorer.NewScores(samples, weights)
	if err := scorer.Add(scores, weights, chunks); err != nil {
		t.Errorf("before the file is cut: %v", err)
	}
	cut()
	if err := scorer.Add(scores, weights, chunks); !errors.Is(err, fault.ErrGone) {
		t.Errorf("scores of a file that was cut: %v", err)
	}
}

// MappedChunk puts a chunk's residues into a file that is mapped, and returns what cuts
// the file in half.
func MappedChunk(t testing.TB, chunk he.EncryptedChunk) (mapped he.EncryptedChunk, cut func()) {
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
