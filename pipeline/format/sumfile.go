package format

import (
	"fmt"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// A SumEntry is one chunk of a .sums file: one column summed against one block
// and plane, over one batch of samples. In a .scores file it is a score of a tile; the
// tile stands for the batch, the score for the column.
type SumEntry struct {
	Batch, Block int
	Plane        Plane
	Column       int // position
}

// SumComponents is the number of components of the ciphertexts in files.
const SumComponents = 2

// Layout returns the sizes of chunks; index finds an entry's chunk.
func Layout(chain he.Chain, entries []SumEntry) (sizes []int64, index map[SumEntry]int) {
	sizes = make([]int64, len(entries))
	index = make(map[SumEntry]int, len(entries))
	for i, e := range entries {
		sizes[i] = int64(4 * chain.SumLen(SumComponents))
		index[e] = i
	}
	return sizes, index
}

// createSums starts a file of a kind; index finds an entry's chunk.
func createSums(path, kind string, meta any, chain he.Chain, entries []SumEntry) (w *chunkfile.Writer, index map[SumEntry]int, err error) {
	sizes, index := Layout(chain, entries)
	w, err = chunkfile.Create(path, kind, meta, sizes, 0o666)
	return w, index, err
}

// A SumFile is an opened file of sums or scores.
type SumFile struct {
	File  *chunkfile.Reader
	Chain he.Chain
	Index map[SumEntry]int
}

// sumsOf opens the sums of a file whose header fits its chunks.
func sumsOf(r *chunkfile.Reader, chain he.Chain, entries []SumEntry) SumFile {
	_, index := Layout(chain, entries)
	return SumFile{r, chain, index}
}

// Read returns the sum of an entry.
func (f *SumFile) Read(e SumEntry) (he.Sum, error) {
	i, ok := f.Index[e]
	if !ok {
		return he.Sum{}, fmt.Errorf("%s: lacks the sum of block %d, plane %s, column %d", f.File.Name(), e.Block, e.Plane, e.Column)
	}
	return f.ReadChunk(i)
}

// ReadChunk returns the sum of a chunk.
func (f *SumFile) ReadChunk(i int) (he.Sum, error) {
	sum := he.Sum{Components: SumComponents, Residues: make([]uint32, f.Chain.SumLen(SumComponents))}
	if err := f.File.Chunk(i, BytesOf(sum.Residues)); err != nil {
		return sum, err
	}
	if err := sum.Validate(f.Chain); err != nil {
		return sum, fmt.Errorf("%s: chunk %d: %w", f.File.Name(), i, err)
	}
	return sum, nil
}

// Close closes the file.
func (f *SumFile) Close() error { return f.File.Close() }

// SameSizes says whether every chunk of a file has so many bytes.
func SameSizes(r *chunkfile.Reader, bytes int) bool {
	for i := range r.Chunks() {
		if r.Size(i) != int64(bytes) {
			return false
		}
	}
	return true
}
