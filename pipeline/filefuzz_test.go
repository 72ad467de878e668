package pipeline

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/klauspost/compress/zstd"

	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
)

// must marshals a header for a seed.
func must(f *testing.F, x any) []byte {
	f.Helper()
	text, err := json.Marshal(x)
	if err != nil {
		f.Fatal(err)
	}
	return text
}

// repeat makes a text of two parts with another n times between them. A bomb is so a small
// input, which a fuzzer finds by itself. It is nil if the text is too long to try.
func repeat(before, piece []byte, n uint16, after []byte) []byte {
	if len(piece)*int(n) > 4<<20 {
		return nil
	}
	return slices.Concat(before, bytes.Repeat(piece, int(n)), after)
}

// FuzzManifest opens a cohort of one file with any manifest, packed or as it is. What opens
// lists little more than the file.
func FuzzManifest(f *testing.F) {
	good := Manifest{
		Version: 1, CohortID: someID, KeyID: someID, Params: hetest.SumParams(f, 6, 64).Params(), Genotypes: HardCalls, Samples: 64, ChunkSamples: 64, TileWidth: 64,
		Blocks: []Block{{[]Plane{Dosage, HomAlt}}}, Files: []BlockFile{{Name: blockFileName(0, 0), To: 64}},
	}
	e, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	if err := validate(newCohort("", good)); err != nil {
		f.Fatal(err) // or nothing below would open
	}
	add := func(text []byte, pack bool) { f.Add(text, []byte{}, uint16(0), []byte{}, pack) }
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), true)
	}
	add(must(f, good), true)
	add(must(f, good), false)
	add(e.EncodeAll(must(f, good), nil), false)
	bomb(`{"blocks":[`, `{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},`, `{}]}`)
	bomb(`{"files":[`, `{},{},{},{},`, `{}]}`)
	bomb(`{"blocks":[{"planes":[`, `"","","","","","","","","",`, `""]}]}`)
	bomb(`{"params":`, `[`, ``)
	bomb(`{"params":{"plane_scale":1`, `0`, `}}`)
	bomb(`{`, ` `, `}`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after []byte, pack bool) {
		text := repeat(before, piece, n, after)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, blockFileName(0, 0)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if pack {
			text = e.EncodeAll(text, nil)
		}
		if err := os.WriteFile(filepath.Join(dir, manifestName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		// A window of zstd, and the longest text that one file explains.
		within(t, "manifest", len(text), 16<<20, func() {
			c, err := OpenCohort(dir)
			if err != nil {
				return
			}
			if len(c.Blocks) > 1+manifestMissing || len(c.Files) > 1+manifestMissing {
				t.Errorf("%d blocks and %d files", len(c.Blocks), len(c.Files))
			}
			if _, _, err := c.ReadChunk(new(chunkfile.Mapping), 0, c.Blocks[0].Planes[0], 0); err == nil {
				t.Error("an empty file or none has a chunk")
			}
		})
	})
}

// FuzzQueryFiles opens files with any header and up to 255 equal chunks, as traits, sums
// and the private half of a query, and reads from what opens.
func FuzzQueryFiles(f *testing.F) {
	params := hetest.SumParams(f, 6, 64)
	column := make([]byte, seedSize+4*params.Chain().PackedLen())
	sum := make([]byte, 4*params.Chain().SumLen(2))
	sections := []Section{{To: 1, Planes: map[Plane][]int{Dosage: {0, 1}}}}
	block := Block{[]Plane{Dosage, HomAlt}}
	traits := TraitsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 100, Columns: 2, Sections: sections}
	sums := SumsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 100, Components: 2, Blocks: []Block{block}, Sections: sections, Parts: []Part{{0, 100}}}
	path, _ := container(f, traitsKind, traits, manyOf(4, column)...)
	tr, err := OpenTraits(path)
	if err != nil {
		f.Fatal(err)
	}
	tr.Close()
	path, _ = container(f, sumsKind, sums, manyOf(4, sum)...)
	s, err := OpenSums(path)
	if err != nil {
		f.Fatal(err)
	}
	s.Close()
	add := func(meta, chunk []byte, chunks byte) { f.Add(meta, []byte{}, uint16(0), []byte{}, chunk, chunks) }
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), []byte{}, byte(0))
	}
	add(must(f, traits), column, 4)
	add(must(f, sums), sum, 4)
	add(must(f, SumsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 1 << 30, Components: 2, Blocks: []Block{block}, Sections: sections, Parts: []Part{{0, 1 << 30}}}), sum, 1)
	add(must(f, SumsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 1 << 30, Components: 2, Blocks: []Block{block}, Parts: []Part{{0, 1 << 30}}}), sum, 0)
	add(must(f, SumsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 1, Components: 2, Blocks: manyOf(4000, block),
		Sections: manyOf(4000, Section{To: 4000, Planes: sections[0].Planes}), Parts: []Part{{0, 1}}}), sum, 1)
	add(must(f, TraitsMeta{QueryID: someID, KeyID: someID, Params: params, Samples: 4 * 64, Columns: 1 << 62, Sections: sections}), column, 0)
	add(must(f, Query{QueryID: someID, KeyID: someID, Test: "chi2", Columns: []QueryColumn{{}},
		Sections: []QuerySection{{To: 1, Traits: []QueryTrait{{Name: "T", Columns: []int{0}}}}}}), []byte{}, 0)
	bomb(`{"blocks":[`, `{},`, `{}]}`)
	bomb(`{"sections":[`, `{"planes":{"":[]}},`, `{}]}`)
	bomb(`{"parts":[`, `{},`, `{}]}`)
	bomb(`{"shards":[`, `null,`, `null]}`)
	bomb(`{"params":{"sum_primes":[`, `7,`, `7]}}`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte, chunks byte) {
		meta := repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		for _, kind := range []string{traitsKind, sumsKind, queryKind} {
			path, size := container(t, kind, json.RawMessage(meta), manyOf(int(chunks), chunk)...)
			modestly(t, kind, size, func() { openQueryFile(t, kind, path, chunk) })
		}
	})
}

// openQueryFile opens a file of a kind and reads from it, if it is one.
func openQueryFile(t *testing.T, kind, path string, chunk []byte) {
	t.Helper()
	switch kind {
	case traitsKind:
		tr, err := OpenTraits(path)
		if err != nil {
			return
		}
		defer tr.Close()
		if _, err := tr.packed(tr.tiles()-1, tr.Columns-1); err == nil && len(chunk) != seedSize+4*tr.Params.Chain().PackedLen() {
			t.Errorf("a column of %d bytes was taken", len(chunk))
		}
		lanesOf(manyOf(100, Block{allPlanes}), tr.Sections)
	case sumsKind:
		s, err := OpenSums(path)
		if err != nil {
			return
		}
		defer s.Close()
		if len(s.index) != s.file.Chunks() {
			t.Errorf("%d sums in %d chunks", len(s.index), s.file.Chunks())
		}
		for e := range s.index {
			if _, err := s.read(e); err == nil && len(chunk) != 4*s.Params.Chain().SumLen(2) {
				t.Errorf("a sum of %d bytes was taken", len(chunk))
			}
		}
		if text := s.missing(); len(text) > 2000 {
			t.Errorf("%.300s", text)
		}
	case queryKind:
		if q, err := LoadQuery(path); err == nil {
			q.sections()
			q.traitNames()
		}
	}
}

// FuzzBlockFile reads a chunk from any container that a manifest vouches for.
func FuzzBlockFile(f *testing.F) {
	params := hetest.SumParams(f, 6, 64)
	good := make([]byte, 4*params.Chain().ChunkLen(64)+seedSize)
	meta := blockMeta{CohortID: someID, KeyID: someID, Params: params.Params(), To: 64, Planes: []Plane{Dosage}}
	add := func(meta, chunk []byte, chunks byte) { f.Add(meta, []byte{}, uint16(0), []byte{}, chunk, chunks) }
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), good, byte(1))
	}
	add(must(f, meta), good, 1)
	add(must(f, meta), good[4:], 1)
	add(must(f, meta), bytes.Repeat([]byte{0xff}, len(good)), 1)
	add([]byte("null"), []byte{}, 0)
	bomb(`[`, `{},`, `{}]`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte, chunks byte) {
		meta := repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		path, size := container(t, cohortKind, json.RawMessage(meta), manyOf(int(chunks), chunk)...)
		file := BlockFile{Name: filepath.Base(path), To: 64}
		if r, err := chunkfile.Open(path, cohortKind); err == nil {
			file.Fingerprint = r.Fingerprint()
			r.Close()
		}
		c := newCohort(filepath.Dir(path), Manifest{Params: params.Params(), Samples: 64, Blocks: []Block{{[]Plane{Dosage}}}}, file)
		modestly(t, "block", size, func() {
			var memory chunkfile.Mapping
			defer memory.Release()
			read, finish, err := c.ReadChunk(&memory, 0, Dosage, 0)
			if err != nil {
				return
			}
			if err := use(params.Chain(), read); err != nil {
				t.Fatal(err)
			}
			if finish() == nil && len(chunk) != len(good) {
				t.Errorf("a chunk of %d bytes was taken", len(chunk))
			}
		})
	})
}

// FuzzCheckpoint opens any container as the checkpoint of a run and of scores.
func FuzzCheckpoint(f *testing.F) {
	run, err := NewCheckpoint("x", runKind, 1)
	if err != nil {
		f.Fatal(err)
	}
	add := func(meta, chunk []byte) { f.Add(meta, []byte{}, uint16(0), []byte{}, chunk) }
	add(must(f, checkpointMeta{run.identity, runState{File: "x"}}), []byte("table"))
	add(must(f, checkpointMeta{run.identity, scoreState{Sums: -1, Chunks: 1 << 62}}), []byte{})
	f.Add([]byte(`{"state":[`), []byte(`{},`), uint16(math.MaxUint16), []byte(`{}]}`), []byte{})
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte) {
		meta := repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		for kind, state := range map[string]any{runKind: new(runState), scoreCheckpointKind: new(scoreState)} {
			path, size := container(t, kind, json.RawMessage(meta), chunk)
			c := &Checkpoint{path: path, kind: kind, identity: run.identity}
			modestly(t, kind, size, func() {
				if r, err := c.Open(state); err == nil {
					r.Close()
				}
			})
		}
	})
}
