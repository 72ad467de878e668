package pipeline

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
)

// TestReadChunkVerifies plants damage at the beginning, in the middle and at the end of a
// full chunk, which is verified while it is used, and of a partial one: a flipped bit, and
// a residue that is not reduced under a sum that is right.
func TestReadChunkVerifies(t *testing.T) {
	c := simulated(t, 100, 900, 0, 900)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	chain := w.params.Chain()
	whole := w.path("cohort/" + blockFileName(0, 0))
	intact, err := os.ReadFile(whole)
	w.must(err)

	// file writes the chunks under sums that are right, with word `at` of one changed.
	file := func(chunk, at int, change func(x uint32) uint32) chunkfile.Fingerprint {
		r, err := chunkfile.Open(whole, cohortKind)
		w.must(err)
		var meta blockMeta
		w.must(r.Meta(&meta))
		var chunks [][]byte
		for i := range r.Chunks() {
			words := make([]uint32, r.Size(i)/4)
			w.must(r.Chunk(i, bytesOf(words)))
			if i == chunk {
				words[at] = change(words[at])
			}
			chunks = append(chunks, bytesOf(words))
		}
		r.Close()
		content, err := chunkfile.Encode(cohortKind, meta, chunks...)
		w.must(err)
		w.must(os.WriteFile(whole, content, 0o644))
		r, err = chunkfile.Open(whole, cohortKind)
		w.must(err)
		defer r.Close()
		return r.Fingerprint()
	}
	cohort, err := OpenCohort(w.path("cohort"))
	w.must(err)
	planes := len(cohort.Blocks[0].Planes)
	read := func(index int) error {
		var memory chunkfile.Mapping
		chunk, finish, err := cohort.ReadChunk(&memory, 0, Dosage, index)
		if err != nil {
			return err
		}
		defer memory.Release()
		early := finish()
		w.must(use(chain, chunk))
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
		w.must(read(index))
		for _, at := range []int{0, residues / 2, residues - 1, residues + 7} {
			w.must(os.WriteFile(whole, intact, 0o644))
			before := firstFile(cohort)
			changed := before
			changed.Fingerprint = file(index*planes, at, func(x uint32) uint32 { return x | 1<<31 })
			setFirstFile(cohort, changed)
			err := read(index)
			switch seed := at >= residues; {
			case seed && err != nil:
				t.Errorf("another seed: %v", err)
			case !seed && (err == nil || !strings.Contains(err.Error(), "is not below its prime")):
				t.Errorf("chunk %d: word %d above its prime: %v", index, at, err)
			}
			setFirstFile(cohort, before)

			w.must(os.WriteFile(whole, intact, 0o644))
			flipWord(t, whole, index*planes, at)
			if err := read(index); err == nil || !strings.HasSuffix(err.Error(), "is damaged; copy the file again from where it was made") {
				t.Errorf("chunk %d: word %d changed: %v", index, at, err)
			}
		}
		w.must(os.WriteFile(whole, intact, 0o644))
	}
}

// TestDamageStopsRun: sums that a damaged chunk is in are not written, and neither is a
// checkpoint of them.
func TestDamageStopsRun(t *testing.T) {
	c := simulated(t, 200, 900, 0, 900)
	w := newSmallWorld(t)
	w.encrypt(c.all())
	w.query("case", c.status)
	job := w.job("case", "case", Whole)
	setDue(job, func() bool { return true })
	path := w.path("cohort/" + blockFileName(0, 0))
	planes := len(job.Cohort.Blocks[0].Planes)
	flipWord(t, path, planes, 5000) // of the second chunk of samples
	err := job.Run(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), path+": chunk ") || !strings.Contains(err.Error(), "is damaged") {
		t.Fatal(err)
	}
	if _, err := os.Stat(job.Path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("sums were written: %v", err)
	}
	// What was saved before is of the first chunk alone: mended, the run goes on from it.
	flipWord(t, path, planes, 5000)
	again := w.job("case", "case", Whole)
	w.must(again.Run(t.Context()))
	w.run("case", "direct")
	got, err := os.ReadFile(w.path("case.sums"))
	w.must(err)
	want, err := os.ReadFile(w.path("direct.sums"))
	w.must(err)
	if !bytes.Equal(got, want) {
		t.Error("the sums differ from those of an undisturbed run")
	}
}

// flipWord flips a bit of a word of a chunk of a cohort's file.
func flipWord(t *testing.T, path string, chunk, word int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// Chunks lie at the end, each padded to 4096 bytes.
	at := len(content)
	r, err := chunkfile.Open(path, cohortKind)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := r.Chunks() - 1; i >= chunk; i-- {
		at -= int(r.Size(i)+4095) / 4096 * 4096
	}
	content[at+4*word+1] ^= 16
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
