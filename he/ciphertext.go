package he

import (
	"fmt"

	"genoveil/kernels/cpu"
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

// A Chunk is the ciphertexts of one block and plane for up to ChunkSamples
// samples, in the transformed domain. C0 is tile-major:
//
//	C0[((prime·N/TileWidth + tile)·Samples + sample)·TileWidth + position]
//
// The other halves follow from the seed: ciphertext number = sample, see
// sampling.Uniform. C0 may be memory that is mapped from a file, so that engines read it
// under fault.Guard.
type Chunk struct {
	Samples int
	Seed    [32]byte
	C0      []uint32

	// Check, if it is not nil, verifies tile prime·N/TileWidth + tile of C0. Engines call it
	// once for each tile, from any goroutine, when they read the tile: from memory that
	// happens once then. It returns nothing, since whoever gave the chunk collects what it
	// found, and throws sums away that a bad tile is in.
	Check func(tile int)
}

// CheckTile verifies one tile.
func (c Chunk) CheckTile(tile int) {
	if c.Check != nil {
		c.Check(tile)
	}
}

// Tiles is the number of tiles of a chunk.
func (c Chain) Tiles() int { return len(c.Sums) * c.N() / TileWidth }

// CheckTiles verifies all tiles of a chunk.
func (c Chain) CheckTiles(chunk Chunk) {
	for tile := range c.Tiles() {
		chunk.CheckTile(tile)
	}
}

// ChunkLen is the number of residues in C0 of a chunk of that many samples.
func (c Chain) ChunkLen(samples int) int { return len(c.Sums) * c.N() * samples }

// ValidateResidues checks part of the residues of a chunk of that many samples from
// outside, the first one being number `first` of its C0.
func (c Chain) ValidateResidues(residues []uint32, first, samples int) error {
	return checkResidues(residues, c.Sums, c.N()*samples, first)
}

// A PackedColumn encrypts one column of up to N samples in one ciphertext modulo
// the trait primes: C0[prime][N] in the transformed domain; the other half
// follows from the seed with ciphertext number 0.
//
// Sample i stands at coefficient bitreverse(i): then any aligned power-of-two
// range of samples is one subtree of the expansion (ExpansionStep), and a range of n
// samples costs little more than n constants instead of up to n·log N.
type PackedColumn struct {
	Seed [32]byte
	C0   []uint32
}

// PackedLen is the number of residues in C0 of a packed column.
func (c Chain) PackedLen() int { return len(c.Trait()) * c.N() }

// Validate checks sizes and residues of a column from outside.
func (p PackedColumn) Validate(chain Chain) error {
	if len(p.C0) != chain.PackedLen() {
		return fmt.Errorf("%d residues do not make a packed column", len(p.C0))
	}
	return checkResidues(p.C0, chain.Trait(), chain.N(), 0)
}

// A Sum is one encrypted sum: Components polynomials (2 after relinearisation,
// 3 without) modulo the sum primes, in the transformed domain:
// Residues[component][prime][N].
type Sum struct {
	Components int
	Residues   []uint32
}

// SumLen is the number of residues of a sum of that many components.
func (c Chain) SumLen(components int) int { return components * len(c.Sums) * c.N() }

// AddSum adds residues of a sum, [component][prime][N], to dst.
func (c Chain) AddSum(dst, src []uint32) error {
	n, primes := c.N(), len(c.Sums)
	for l, q := range c.Sums {
		m, err := cpu.NewModulus(q)
		if err != nil {
			return err
		}
		for i := l * n; i < len(dst); i += primes * n {
			m.AddVec(dst[i:i+n], dst[i:i+n], src[i:i+n])
		}
	}
	return nil
}

// Validate checks sizes and residues of a sum from outside.
func (s Sum) Validate(chain Chain) error {
	if s.Components < 2 || s.Components > 3 || len(s.Residues) != chain.SumLen(s.Components) {
		return fmt.Errorf("%d components and %d residues do not make a sum", s.Components, len(s.Residues))
	}
	return checkResidues(s.Residues, chain.Sums, chain.N(), 0)
}
