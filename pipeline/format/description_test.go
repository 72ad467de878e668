package format_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/genomics/score"
	"genoveil/he/hetest"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
)

// TestNamesOfScores: names that would break the client's table, or speak to its
// terminal, are refused by the server that would send them and by the client.
func TestNamesOfScores(t *testing.T) {
	params := hetest.ScoreParams(t, 7, 1)
	path := filepath.Join(t.TempDir(), "x.scores")
	for name, good := range map[string]bool{
		"PGS000018": true, "Größe, cm": true, "": true,
		"A\tB": false, "A\nNA1\t0": false, "\x1b[2J": false, "A\u202e": false, "A\x7f": false,
	} {
		unfixed := &score.Model{Names: []string{name}, Matched: []int{1}, Alt: [][]float64{{1}}, Missing: [][]float64{{0}}, Constant: []float64{1}}
		_, err := model.FixModel(unfixed, params, format.HardCalls, []format.Block{{Planes: []format.Plane{format.Dosage}}}, nil)
		if (err == nil) != good || !good && !strings.Contains(err.Error(), "the name of score 1, ") {
			t.Errorf("%q: %v", name, err)
		}
		meta := format.ScoresMeta{RunID: pipelinetest.SomeID, KeyID: pipelinetest.SomeID, Params: params, Samples: 10, Scores: 1, Parts: []format.Part{{From: 0, To: 10}},
			Description: &format.ScoreDescription{Names: []string{name}, Exponents: []int{3}, Weights: []int{7}, Intercept: []bool{false}}}
		content, err := chunkfile.Encode(format.ScoresKind, meta, make([]byte, 4*params.Chain().SumLen(2)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := format.OpenScores(path)
		if (err == nil) != good {
			t.Errorf("scores called %q: %v", name, err)
		}
		if err == nil {
			s.Close()
		}
	}
}
