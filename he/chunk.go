package he

import (
	"iter"

	"genoveil/kernels/fault"
)

const (
	// ChunkSamples is the number of samples of a full chunk. It is a power of two,
	// so that the samples of a chunk are one subtree of the expansion, and at most
	// 64, so that a chunk's products fit the accumulators (cpu.Modulus.Accumulate).
	ChunkSamples = 64

	// TileWidth is the number of consecutive positions that a chunk keeps together
	// for all its samples: one tile of accumulators stays in registers or the
	// nearest cache while the samples stream past.
	TileWidth = 64
)

// An EncryptedChunk is the ciphertexts of one block and plane for up to ChunkSamples
// samples, in the transformed domain. C0 is tile-major:
//
//	C0[((prime·N/TileWidth + tile)·Samples + sample)·TileWidth + position]
//
// The other halves follow from the seed: ciphertext number = sample, see
// sampling.Uniform.
type EncryptedChunk struct {
	Samples int
	Seed    [32]byte
	C0      []uint32
}

// A Chunk is an EncryptedChunk as engines are given it: C0 may be memory that is mapped
// from a file and not yet verified. So it comes tile by tile alone, from EachTile.
type Chunk struct {
	Samples int
	Seed    [32]byte
	c0      []uint32
	check   func(tile int)
}

// NewChunk gives a chunk to engines. check, if it is not nil, verifies tile
// prime·N/TileWidth + tile of C0, once and from any goroutine, when an engine reads it:
// from memory that happens once then. It returns nothing, since whoever gave the chunk
// collects what it found, and throws sums away that a bad tile is in.
func NewChunk(c EncryptedChunk, check func(tile int)) Chunk {
	return Chunk{c.Samples, c.Seed, c.C0, check}
}

// Tiles is the number of tiles of a chunk.
func (c Chain) Tiles() int { return len(c.Sums) * c.N() / TileWidth }

// AllTiles lists the tiles of a chunk for EachTile.
func (c Chain) AllTiles() iter.Seq[int] {
	return func(yield func(int) bool) {
		for number := range c.Tiles() {
			if !yield(number) {
				return
			}
		}
	}
}

// A ChunkTile is one tile of some chunks while EachTile is at it.
type ChunkTile struct {
	Number   int // prime·N/TileWidth + tile
	chunks   []Chunk
	verified []bool
}

// EachTile calls do for tiles of some chunks, on this goroutine. It is how engines read
// chunks: what a file no longer has ends it with fault.ErrGone, and every tile of every
// chunk is verified, whether do asks for it or not.
func EachTile(chunks []Chunk, numbers iter.Seq[int], do func(t *ChunkTile)) error {
	return fault.Guard(func() error {
		t := &ChunkTile{chunks: chunks, verified: make([]bool, len(chunks))}
		for t.Number = range numbers {
			clear(t.verified)
			do(t)
			for i := range chunks {
				t.C0(i)
			}
		}
		return nil
	})
}

// C0 is the tile of chunk i, [sample][TileWidth]. It is verified the first time that it
// is asked for, which should be when it is used: it is in the nearest cache then. Its
// capacity is the rest of the chunk, which may be fetched ahead but not used.
func (t *ChunkTile) C0(i int) []uint32 {
	c := &t.chunks[i]
	if !t.verified[i] {
		t.verified[i] = true
		if c.check != nil {
			c.check(t.Number)
		}
	}
	size := c.Samples * TileWidth
	return c.c0[t.Number*size:][:size]
}

// ChunkLen is the number of residues in C0 of a chunk of that many samples.
func (c Chain) ChunkLen(samples int) int { return len(c.Sums) * c.N() * samples }

// ValidateResidues checks part of the residues of a chunk of that many samples from
// outside, the first one being number `first` of its C0.
func (c Chain) ValidateResidues(residues []uint32, first, samples int) error {
	return checkResidues(residues, c.Sums, c.N()*samples, first)
}
