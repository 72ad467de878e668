package pipeline

import (
	"fmt"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// A sumEntry is one chunk of a .sums file: one column summed against one block
// and plane, over one batch of samples. In a .scores file it is a score of a tile; the
// tile stands for the batch, the score for the column.
type sumEntry struct {
	batch, block int
	plane        Plane
	column       int // position
}

// sumComponents is the number of components of the ciphertexts in files.
const sumComponents = 2

// layout returns the sizes of chunks; index finds an entry's chunk.
func layout(chain he.Chain, entries []sumEntry) (sizes []int64, index map[sumEntry]int) {
	sizes = make([]int64, len(entries))
	index = make(map[sumEntry]int, len(entries))
	for i, e := range entries {
		sizes[i] = int64(4 * chain.SumLen(sumComponents))
		index[e] = i
	}
	return sizes, index
}

// createSums starts a file of a kind; index finds an entry's chunk.
func createSums(path, kind string, meta any, chain he.Chain, entries []sumEntry) (w *chunkfile.Writer, index map[sumEntry]int, err error) {
	sizes, index := layout(chain, entries)
	w, err = chunkfile.Create(path, kind, meta, sizes, 0o666)
	return w, index, err
}

// A sumFile is an opened file of sums or scores.
type sumFile struct {
	file  *chunkfile.Reader
	chain he.Chain
	index map[sumEntry]int
}

// sumsOf opens the sums of a file whose header fits its chunks.
func sumsOf(r *chunkfile.Reader, chain he.Chain, entries []sumEntry) sumFile {
	_, index := layout(chain, entries)
	return sumFile{r, chain, index}
}

// read returns the sum of an entry.
func (f *sumFile) read(e sumEntry) (he.Sum, error) {
	i, ok := f.index[e]
	if !ok {
		return he.Sum{}, fmt.Errorf("%s: lacks the sum of block %d, plane %s, column %d", f.file.Name(), e.block, e.plane, e.column)
	}
	return f.readChunk(i)
}

// readChunk returns the sum of a chunk.
func (f *sumFile) readChunk(i int) (he.Sum, error) {
	sum := he.Sum{Components: sumComponents, Residues: make([]uint32, f.chain.SumLen(sumComponents))}
	if err := f.file.Chunk(i, bytesOf(sum.Residues)); err != nil {
		return sum, err
	}
	if err := sum.Validate(f.chain); err != nil {
		return sum, fmt.Errorf("%s: chunk %d: %w", f.file.Name(), i, err)
	}
	return sum, nil
}

// Close closes the file.
func (f *sumFile) Close() error { return f.file.Close() }

// sameSizes says whether every chunk of a file has so many bytes.
func sameSizes(r *chunkfile.Reader, bytes int) bool {
	for i := range r.Chunks() {
		if r.Size(i) != int64(bytes) {
			return false
		}
	}
	return true
}
