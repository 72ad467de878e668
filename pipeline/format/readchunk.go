package format

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"sync/atomic"

	"genoveil/he"
	"genoveil/kernels/fault"
	"genoveil/pipeline/chunkfile"
)

// ReadChunk returns the chunk of a block, plane and range of samples. Its residues are
// memory's, and good until that is released.
//
// They are verified while they are used (he.NewChunk), so that a chunk comes from
// memory to a processor once. After an engine has read the chunk, finish is nil if it was the
// file's and its residues are in range; otherwise nothing that was computed with it may be used.
func (c *Cohort) ReadChunk(memory *chunkfile.Mapping, block int, plane Plane, index int) (chunk he.Chunk, finish func() error, err error) {
	from, to := c.ChunkRange(index)
	f := c.files[[2]int{block, from / FileSamples * FileSamples}]
	path := filepath.Join(c.dir, f.Name)
	r, err := chunkfile.Open(path, CohortKind)
	if errors.Is(err, fs.ErrNotExist) {
		return chunk, nil, fmt.Errorf("%s: is missing; copy the cohort again from where it was made", path)
	}
	if err != nil {
		return chunk, nil, err
	}
	defer r.Close()
	if r.Fingerprint() != f.Fingerprint {
		return chunk, nil, fmt.Errorf("%s: is not the file that the manifest lists; copy the cohort again from where it was made", path)
	}
	planes := c.Blocks[block].Planes
	number := (from-f.From)/he.ChunkSamples*len(planes) + slices.Index(planes, plane)
	chain := c.Params.Chain()
	end := 4 * chain.ChunkLen(to-from) // of the residues; the seed follows
	if number >= r.Chunks() {
		return chunk, nil, fmt.Errorf("%s: has no chunk %d; copy the cohort again from where it was made", path, number)
	}
	if size, want := r.Size(number), int64(end+SeedSize); size != want {
		return chunk, nil, fmt.Errorf("%s: chunk %d has %d bytes, expected %d", path, number, size, want)
	}
	v, err := r.Map(number, memory)
	if err != nil {
		return chunk, nil, err
	}
	encrypted := he.EncryptedChunk{Samples: to - from, C0: wordsOf(memory.Bytes()[:end])}

	var bad atomic.Pointer[error]
	check := func(piece int) {
		err := fault.Guard(func() error {
			at, bytes := piece*chunkfile.PieceSize, v.Piece(piece)
			words := wordsOf(bytes[:min(len(bytes), end-at)])
			return chain.ValidateResidues(words, at/4, encrypted.Samples)
		})
		if err != nil {
			err = fmt.Errorf("%s: chunk %d: %w", path, number, err)
			bad.CompareAndSwap(nil, &err)
		}
	}
	finish = func() error {
		found := bad.Load()
		if found != nil && errors.Is(*found, fault.ErrGone) {
			return *found
		}
		if err := v.Finish(); err != nil || found == nil {
			return err
		}
		return *found
	}
	// A piece is a tile where the chunk is full, and then the seed is the last piece.
	now, later := 0, (func(int))(nil)
	if 4*encrypted.Samples*he.TileWidth == chunkfile.PieceSize {
		now, later = chain.Tiles(), check
	}
	err = fault.Guard(func() error {
		copy(encrypted.Seed[:], memory.Bytes()[end:])
		for piece := now; piece < v.Pieces(); piece++ {
			check(piece)
		}
		return nil
	})
	if err != nil {
		err = fmt.Errorf("%s: chunk %d: %w", path, number, err)
	}
	return he.NewChunk(encrypted, later), finish, err
}

// Verified is err, or what is wrong with the chunks of which an engine has computed: the
// first that is not what its file says. An engine that meets a part of a file that is
// gone does not know which file it is; the chunk does.
func Verified(err error, finish []func() error) error {
	if err != nil && !errors.Is(err, fault.ErrGone) {
		return err
	}
	for _, f := range finish {
		found := f()
		if found != nil && (err == nil || errors.Is(found, fault.ErrGone)) {
			return found
		}
	}
	return err
}
