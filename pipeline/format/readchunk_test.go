package format_test

import (
	"os"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
)

// TestReadChunkVerifies plants damage at the beginning, in the middle and at the end of a
// full chunk, which is verified while it is used, and of a partial one: a flipped bit, and
// a residue that is not reduced under a sum that is right.
func TestReadChunkVerifies(t *testing.T) {
	c := pipelinetest.Simulated(t, 100, 900, 0, 900)
	w := pipelinetest.NewSmallWorld(t)
	w.Encrypt(c.All())
	chain := w.Params.Chain()
	whole := w.Path("cohort/" + format.BlockFileName(0, 0))
	intact, err := os.ReadFile(whole)
	w.Must(err)

	// file writes the chunks under sums that are right, with word `at` of one changed.
	file := func(chunk, at int, change func(x uint32) uint32) chunkfile.Fingerprint {
		r, err := chunkfile.Open(whole, format.CohortKind)
		w.Must(err)
		var meta format.BlockMeta
		w.Must(r.Meta(&meta))
		var chunks [][]byte
		for i := range r.Chunks() {
			words := make([]uint32, r.Size(i)/4)
			w.Must(r.Chunk(i, format.BytesOf(words)))
			if i == chunk {
				words[at] = change(words[at])
			}
			chunks = append(chunks, format.BytesOf(words))
		}
		r.Close()
		content, err := chunkfile.Encode(format.CohortKind, meta, chunks...)
		w.Must(err)
		w.Must(os.WriteFile(whole, content, 0o644))
		r, err = chunkfile.Open(whole, format.CohortKind)
		w.Must(err)
		defer r.Close()
		return r.Fingerprint()
	}
	cohort, err := format.OpenCohort(w.Path("cohort"))
	w.Must(err)
	planes := len(cohort.Blocks[0].Planes)
	read := func(index int) error {
		var memory chunkfile.Mapping
		chunk, finish, err := cohort.ReadChunk(&memory, 0, format.Dosage, index)
		if err != nil {
			return err
		}
		defer memory.Release()
		early := finish()
		w.Must(pipelinetest.Use(chain, chunk))
		err = finish()
		if chunk.Samples == he.ChunkSamples && early == nil {
			t.Error("a chunk that nobody read is verified")
		}
		if chunk.Samples < he.ChunkSamples && (early == nil) != (err == nil) {
			t.Errorf("%d samples were not verified at once: %v, then %v", chunk.Samples, early, err)
		}
		return err
	}
	for index, samples := range []int{64, 36} {
		residues := chain.ChunkLen(samples)
		w.Must(read(index))
		for _, at := range []int{0, residues / 2, residues - 1, residues + 7} {
			w.Must(os.WriteFile(whole, intact, 0o644))
			before := format.FirstFile(cohort)
			changed := before
			changed.Fingerprint = file(index*planes, at, func(x uint32) uint32 { return x | 1<<31 })
			format.SetFirstFile(cohort, changed)
			err := read(index)
			switch seed := at >= residues; {
			case seed && err != nil:
				t.Errorf("another seed: %v", err)
			case !seed && (err == nil || !strings.Contains(err.Error(), "is not below its prime")):
				t.Errorf("chunk %d: word %d above its prime: %v", index, at, err)
			}
			format.SetFirstFile(cohort, before)

			w.Must(os.WriteFile(whole, intact, 0o644))
			filetest.FlipWord(t, whole, index*planes, at)
			if err := read(index); err == nil || !strings.HasSuffix(err.Error(), "is damaged; copy the file again from where it was made") {
				t.Errorf("chunk %d: word %d changed: %v", index, at, err)
			}
		}
		w.Must(os.WriteFile(whole, intact, 0o644))
	}
}
