//go:build unix

package he_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/kernels/fault"
)

// TestEachTile: tiles come in the order of the list, with the words of the chunk, and
// each of each chunk is verified once, as late as it is used, whether it is used, used
// twice or not at all. What verification finds, whoever gave the chunk knows.
func TestEachTile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	chain := hetest.Chain(8, 2, 1)
	const samples, bad = 3, 5
	size := samples * he.TileWidth
	var encrypted []he.EncryptedChunk
	var chunks []he.Chunk
	verified := make([][]int, 3) // of each chunk
	found := false
	for i := range verified {
		e := hetest.EncryptedChunk(r, chain, samples, false)
		if i == 1 {
			e.C0[bad*size] = chain.Sums[1] // not reduced; four tiles a prime
		}
		encrypted = append(encrypted, e)
		chunks = append(chunks, he.NewChunk(e, func(tile int) {
			verified[i] = append(verified[i], tile)
			if chain.ValidateResidues(e.C0[tile*size:][:size], tile*size, samples) != nil {
				found = found || i == 1 && tile == bad
			}
		}))
	}
	var numbers []int
	err := he.EachTile(chunks, chain.AllTiles(), func(tile *he.ChunkTile) {
		before := len(verified[1])
		for range 2 {
			if !slices.Equal(tile.C0(0), encrypted[0].C0[tile.Number*size:][:size]) {
				t.Errorf("tile %d has other words", tile.Number)
			}
		}
		if len(verified[0]) != len(numbers)+1 || len(verified[1]) != before {
			t.Errorf("tile %d was verified too late, or another too early", tile.Number)
		}
		numbers = append(numbers, tile.Number)
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range verified {
		if len(numbers) != chain.Tiles() || !slices.IsSorted(numbers) || !slices.Equal(verified[i], numbers) {
			t.Errorf("of chunk %d these tiles were verified: %v, of %v", i, verified[i], numbers)
		}
	}
	if !found {
		t.Error("the bad tile was not found")
	}
}

// TestEachTileOfCutFile: a part of a file that is gone is an error, in what is computed
// and in what verifies, and of a chunk that nothing is read of.
func TestEachTileOfCutFile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	chain := hetest.Chain(10, 2, 1)
	largest := uint32(0) // so that all is read
	whole := hetest.EncryptedChunk(r, chain, he.ChunkSamples, false)
	for name, c := range map[string]struct {
		check func(words []uint32)
		do    func(tile *he.ChunkTile)
	}{
		"read":     {nil, func(tile *he.ChunkTile) { largest = max(largest, slices.Max(tile.C0(0))) }},
		"verified": {func(words []uint32) { largest = max(largest, slices.Max(words)) }, func(*he.ChunkTile) {}},
	} {
		t.Run(name, func(t *testing.T) {
			mapped, cut := hetest.MappedChunk(t, whole)
			var check func(int)
			if c.check != nil {
				size := he.ChunkSamples * he.TileWidth
				check = func(tile int) { c.check(mapped.C0[tile*size:][:size]) }
			}
			each := func() error { return he.EachTile([]he.Chunk{he.NewChunk(mapped, check)}, chain.AllTiles(), c.do) }
			if err := each(); err != nil {
				t.Errorf("before the file is cut: %v", err)
			}
			cut()
			if err := each(); !errors.Is(err, fault.ErrGone) {
				t.Errorf("after the file is cut: %v", err)
			}
		})
	}
}

// TestEachTileAllocates no more for many tiles than for one.
func TestEachTileAllocates(t *testing.T) {
	chain := hetest.Chain(10, 2, 1)
	chunks := []he.Chunk{hetest.Chunk(rand.New(rand.NewPCG(1, 3)), chain, 2, false)}
	sum := uint32(0)
	do := func(tile *he.ChunkTile) { sum += tile.C0(0)[0] }
	all := testing.AllocsPerRun(10, func() { he.EachTile(chunks, chain.AllTiles(), do) })
	one := testing.AllocsPerRun(10, func() { he.EachTile(chunks, slices.Values([]int{7}), do) })
	if all > one+1 {
		t.Errorf("%g allocations for all tiles, %g for one", all, one)
	}
}
