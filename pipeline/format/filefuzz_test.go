package format_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"

	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
)

// FuzzManifest opens a cohort of one file with any manifest, packed or as it is. What opens
// lists little more than the file.
func FuzzManifest(f *testing.F) {
	good := format.Manifest{
		Version: 1, CohortID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: hetest.SumParams(f, 6, 64).Params(), Genotypes: format.HardCalls, Samples: 64, ChunkSamples: 64, TileWidth: 64,
		Blocks: []format.Block{{Planes: []format.Plane{format.Dosage, format.HomAlt}}}, Files: []format.BlockFile{{Name: format.BlockFileName(0, 0), To: 64}},
	}
	e, err := zstd.NewWriter(nil)
	if err != nil {
		f.Fatal(err)
	}
	if err := format.Validate(format.NewCohort("", good)); err != nil {
		f.Fatal(err) // or nothing below would open
	}
	add := func(text []byte, pack bool) { f.Add(text, []byte{}, uint16(0), []byte{}, pack) }
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), true)
	}
	add(filetest.Must(f, good), true)
	add(filetest.Must(f, good), false)
	add(e.EncodeAll(filetest.Must(f, good), nil), false)
	bomb(`{"blocks":[`, `{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},`, `{}]}`)
	bomb(`{"files":[`, `{},{},{},{},`, `{}]}`)
	bomb(`{"blocks":[{"planes":[`, `"","","","","","","","","",`, `""]}]}`)
	bomb(`{"params":`, `[`, ``)
	bomb(`{"params":{"plane_scale":1`, `0`, `}}`)
	bomb(`{`, ` `, `}`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after []byte, pack bool) {
		text := filetest.Repeat(before, piece, n, after)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, format.BlockFileName(0, 0)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if pack {
			text = e.EncodeAll(text, nil)
		}
		if err := os.WriteFile(filepath.Join(dir, format.ManifestName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		// A window of zstd, and the longest text that one file explains.
		filetest.Within(t, "manifest", len(text), 16<<20, func() {
			c, err := format.OpenCohort(dir)
			if err != nil {
				return
			}
			if len(c.Blocks) > 1+format.ManifestMissing || len(c.Files) > 1+format.ManifestMissing {
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
	column := make([]byte, format.SeedSize+4*params.Chain().PackedLen())
	sum := make([]byte, 4*params.Chain().SumLen(2))
	sections := []format.Section{{To: 1, Planes: map[format.Plane][]int{format.Dosage: {0, 1}}}}
	block := format.Block{Planes: []format.Plane{format.Dosage, format.HomAlt}}
	traits := format.TraitsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 100, Columns: 2, Sections: sections}
	sums := format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 100, Components: 2, Blocks: []format.Block{block}, Sections: sections, Parts: []format.Part{{From: 0, To: 100}}}
	path, _ := filetest.Container(f, format.TraitsKind, traits, filetest.ManyOf(4, column)...)
	tr, err := format.OpenTraits(path)
	if err != nil {
		f.Fatal(err)
	}
	tr.Close()
	path, _ = filetest.Container(f, format.SumsKind, sums, filetest.ManyOf(4, sum)...)
	s, err := format.OpenSums(path)
	if err != nil {
		f.Fatal(err)
	}
	s.Close()
	add := func(meta, chunk []byte, chunks byte) { f.Add(meta, []byte{}, uint16(0), []byte{}, chunk, chunks) }
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), []byte{}, byte(0))
	}
	add(filetest.Must(f, traits), column, 4)
	add(filetest.Must(f, sums), sum, 4)
	add(filetest.Must(f, format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 1 << 30, Components: 2, Blocks: []format.Block{block}, Sections: sections, Parts: []format.Part{{From: 0, To: 1 << 30}}}), sum, 1)
	add(filetest.Must(f, format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 1 << 30, Components: 2, Blocks: []format.Block{block}, Parts: []format.Part{{From: 0, To: 1 << 30}}}), sum, 0)
	add(filetest.Must(f, format.SumsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 1, Components: 2, Blocks: filetest.ManyOf(4000, block),
		Sections: filetest.ManyOf(4000, format.Section{To: 4000, Planes: sections[0].Planes}), Parts: []format.Part{{From: 0, To: 1}}}), sum, 1)
	add(filetest.Must(f, format.TraitsMeta{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 4 * 64, Columns: 1 << 62, Sections: sections}), column, 0)
	add(filetest.Must(f, private.Query{QueryID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Test: "chi2", Columns: []private.QueryColumn{{}},
		Sections: []private.QuerySection{{To: 1, Traits: []private.QueryTrait{{Name: "T", Columns: []int{0}}}}}}), []byte{}, 0)
	bomb(`{"blocks":[`, `{},`, `{}]}`)
	bomb(`{"sections":[`, `{"planes":{"":[]}},`, `{}]}`)
	bomb(`{"parts":[`, `{},`, `{}]}`)
	bomb(`{"shards":[`, `null,`, `null]}`)
	bomb(`{"params":{"sum_primes":[`, `7,`, `7]}}`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte, chunks byte) {
		meta := filetest.Repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		for _, kind := range []string{format.TraitsKind, format.SumsKind, private.QueryKind} {
			path, size := filetest.Container(t, kind, json.RawMessage(meta), filetest.ManyOf(int(chunks), chunk)...)
			filetest.Modestly(t, kind, size, func() { openQueryFile(t, kind, path, chunk) })
		}
	})
}

// openQueryFile opens a file of a kind and reads from it, if it is one.
func openQueryFile(t *testing.T, kind, path string, chunk []byte) {
	t.Helper()
	switch kind {
	case format.TraitsKind:
		tr, err := format.OpenTraits(path)
		if err != nil {
			return
		}
		defer tr.Close()
		if _, err := tr.Packed(tr.Tiles()-1, tr.Columns-1); err == nil && len(chunk) != format.SeedSize+4*tr.Params.Chain().PackedLen() {
			t.Errorf("a column of %d bytes was taken", len(chunk))
		}
		format.LanesOf(filetest.ManyOf(100, format.Block{Planes: format.AllPlanes}), tr.Sections)
	case format.SumsKind:
		s, err := format.OpenSums(path)
		if err != nil {
			return
		}
		defer s.Close()
		if len(s.Index) != s.File.Chunks() {
			t.Errorf("%d sums in %d chunks", len(s.Index), s.File.Chunks())
		}
		for e := range s.Index {
			if _, err := s.Read(e); err == nil && len(chunk) != 4*s.Params.Chain().SumLen(2) {
				t.Errorf("a sum of %d bytes was taken", len(chunk))
			}
		}
		if text := s.Missing(); len(text) > 2000 {
			t.Errorf("%.300s", text)
		}
	case private.QueryKind:
		if q, err := private.LoadQuery(path); err == nil {
			q.SiteSections()
			q.TraitNames()
		}
	}
}

// FuzzBlockFile reads a chunk from any container that a manifest vouches for.
func FuzzBlockFile(f *testing.F) {
	params := hetest.SumParams(f, 6, 64)
	good := make([]byte, 4*params.Chain().ChunkLen(64)+format.SeedSize)
	meta := format.BlockMeta{CohortID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params.Params(), To: 64, Planes: []format.Plane{format.Dosage}}
	add := func(meta, chunk []byte, chunks byte) { f.Add(meta, []byte{}, uint16(0), []byte{}, chunk, chunks) }
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), good, byte(1))
	}
	add(filetest.Must(f, meta), good, 1)
	add(filetest.Must(f, meta), good[4:], 1)
	add(filetest.Must(f, meta), bytes.Repeat([]byte{0xff}, len(good)), 1)
	add([]byte("null"), []byte{}, 0)
	bomb(`[`, `{},`, `{}]`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte, chunks byte) {
		meta := filetest.Repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		path, size := filetest.Container(t, format.CohortKind, json.RawMessage(meta), filetest.ManyOf(int(chunks), chunk)...)
		file := format.BlockFile{Name: filepath.Base(path), To: 64}
		if r, err := chunkfile.Open(path, format.CohortKind); err == nil {
			file.Fingerprint = r.Fingerprint()
			r.Close()
		}
		c := format.NewCohort(filepath.Dir(path), format.Manifest{Params: params.Params(), Samples: 64, Blocks: []format.Block{{Planes: []format.Plane{format.Dosage}}}}, file)
		filetest.Modestly(t, "block", size, func() {
			var memory chunkfile.Mapping
			defer memory.Release()
			read, finish, err := c.ReadChunk(&memory, 0, format.Dosage, 0)
			if err != nil {
				return
			}
			if err := pipelinetest.Use(params.Chain(), read); err != nil {
				t.Fatal(err)
			}
			if finish() == nil && len(chunk) != len(good) {
				t.Errorf("a chunk of %d bytes was taken", len(chunk))
			}
		})
	})
}
