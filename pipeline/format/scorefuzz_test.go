package format_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
)

// FuzzScoreFiles opens files with any header and one chunk, as scores, models and
// keys, and reads from what opens. Nothing may panic, nor take much more memory than the
// file has bytes.
func FuzzScoreFiles(f *testing.F) {
	add := func(meta any, chunk []byte) {
		text, err := json.Marshal(meta)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text, []byte{}, uint16(0), []byte{}, chunk)
	}
	params := hetest.ScoreParams(f, 6, 1)
	description := &format.ScoreDescription{Names: []string{"A"}, Exponents: []int{3}, Weights: []int{7}, Intercept: []bool{false}}
	sum := make([]byte, 4*params.Chain().SumLen(2))
	add(format.ScoresMeta{RunID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 10, Scores: 1, Description: description, Parts: []format.Part{{From: 0, To: 10}}}, sum)
	add(format.ScoresMeta{RunID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 1 << 30, Scores: 1, Sealed: []byte{1}, Parts: []format.Part{{From: 0, To: 1 << 30}}}, sum)
	add(format.ScoresMeta{RunID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 100, Scores: 1, Sealed: []byte{1}, Parts: []format.Part{{From: 64, To: 100}}}, sum[:8])
	set := hetest.PrivateModelParams(f, 6, 1)
	add(model.ModelMeta{KeyID: pipelinetest.SomeID, Params: set, Blocks: []format.Block{{Planes: []format.Plane{format.Dosage}}}, Scores: 1, Sealed: []byte{1}}, make([]byte, format.SeedSize+4*set.Chain().SumLen(1)))
	add(model.ModelMeta{KeyID: pipelinetest.SomeID, Params: set, Scores: 1, Sealed: []byte{1}}, make([]byte, format.SeedSize))
	add(format.EvalMeta{KeyID: pipelinetest.SomeID, Chain: params.Chain()}, nil)
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), []byte{})
	}
	bomb(`{"blocks":[`, `{},`, `{}]}`)
	bomb(`{"description":{"names":[`, `"",`, `""]}}`)
	bomb(`{"parts":[`, `{},`, `{}]}`)
	bomb(`{"sealed":"`, `A`, `"}`)
	bomb(`{"params":{"plane_scale":1`, `0`, `}}`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte) {
		meta := filetest.Repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		path := filepath.Join(t.TempDir(), "file")
		for _, kind := range []string{format.ScoresKind, model.ModelKind, format.ScoreKeysKind, format.EvalKind} {
			content, err := chunkfile.Encode(kind, json.RawMessage(meta), chunk)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			filetest.Modestly(t, kind, len(content), func() { openScoreFile(t, kind, path, chunk) })
		}
	})
}

// openScoreFile opens a file of a kind and reads from it, if it is one.
func openScoreFile(t *testing.T, kind, path string, chunk []byte) {
	t.Helper()
	switch kind {
	case format.ScoresKind:
		if s, err := format.OpenScores(path); err == nil {
			for _, e := range s.Entries() {
				if _, err := s.Read(e); err == nil && len(chunk) != 4*s.Params.Chain().SumLen(2) {
					t.Errorf("a chunk of %d bytes was taken", len(chunk))
				}
			}
			s.Close()
		}
	case model.ModelKind:
		if m, err := model.OpenModel(path); err == nil {
			m.Close()
		}
	case format.ScoreKeysKind:
		if _, err := format.LoadScoreKeys(path); err == nil {
			t.Error("keys of one chunk were taken")
		}
	case format.EvalKind:
		if _, err := format.LoadEvaluationKeys(path); err == nil {
			t.Error("keys of one chunk were taken")
		}
	}
}
