package pipeline

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
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
	description := &ScoreDescription{Names: []string{"A"}, Exponents: []int{3}, Weights: []int{7}, Intercept: []bool{false}}
	sum := make([]byte, 4*params.Chain().SumLen(2))
	add(ScoresMeta{RunID: someID, KeyID: someID, Params: params, Samples: 10, Scores: 1, Description: description, Parts: []Part{{0, 10}}}, sum)
	add(ScoresMeta{RunID: someID, KeyID: someID, Params: params, Samples: 1 << 30, Scores: 1, Sealed: []byte{1}, Parts: []Part{{0, 1 << 30}}}, sum)
	add(ScoresMeta{RunID: someID, KeyID: someID, Params: params, Samples: 100, Scores: 1, Sealed: []byte{1}, Parts: []Part{{64, 100}}}, sum[:8])
	set := hetest.PrivateModelParams(f, 6, 1)
	add(modelMeta{KeyID: someID, Params: set, Blocks: []Block{{Planes: []Plane{Dosage}}}, Scores: 1, Sealed: []byte{1}}, make([]byte, seedSize+4*set.Chain().SumLen(1)))
	add(modelMeta{KeyID: someID, Params: set, Scores: 1, Sealed: []byte{1}}, make([]byte, seedSize))
	add(evalMeta{someID, params.Chain()}, nil)
	bomb := func(before, piece, after string) {
		f.Add([]byte(before), []byte(piece), uint16(math.MaxUint16), []byte(after), []byte{})
	}
	bomb(`{"blocks":[`, `{},`, `{}]}`)
	bomb(`{"description":{"names":[`, `"",`, `""]}}`)
	bomb(`{"parts":[`, `{},`, `{}]}`)
	bomb(`{"sealed":"`, `A`, `"}`)
	bomb(`{"params":{"plane_scale":1`, `0`, `}}`)
	f.Fuzz(func(t *testing.T, before, piece []byte, n uint16, after, chunk []byte) {
		meta := repeat(before, piece, n, after)
		if !json.Valid(meta) {
			return
		}
		path := filepath.Join(t.TempDir(), "file")
		for _, kind := range []string{scoresKind, modelKind, scoreKeysKind, evalKind} {
			content, err := chunkfile.Encode(kind, json.RawMessage(meta), chunk)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			modestly(t, kind, len(content), func() { openScoreFile(t, kind, path, chunk) })
		}
	})
}

// openScoreFile opens a file of a kind and reads from it, if it is one.
func openScoreFile(t *testing.T, kind, path string, chunk []byte) {
	t.Helper()
	switch kind {
	case scoresKind:
		if s, err := OpenScores(path); err == nil {
			for _, e := range s.entries() {
				if _, err := s.read(e); err == nil && len(chunk) != 4*s.Params.Chain().SumLen(2) {
					t.Errorf("a chunk of %d bytes was taken", len(chunk))
				}
			}
			s.Close()
		}
	case modelKind:
		if m, err := OpenModel(path); err == nil {
			m.Close()
		}
	case scoreKeysKind:
		if _, err := LoadScoreKeys(path); err == nil {
			t.Error("keys of one chunk were taken")
		}
	case evalKind:
		if _, err := LoadEvaluationKeys(path); err == nil {
			t.Error("keys of one chunk were taken")
		}
	}
}
