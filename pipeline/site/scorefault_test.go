package site_test

import (
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/he"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestDamagedScoreFiles flips bits in every file that scoring reads: headers, seeds
// and residues. Each is refused by name, and no output appears.
func TestDamagedScoreFiles(t *testing.T) {
	c := pipelinetest.Simulated(t, 130, 150, 0.05, 128)
	for _, purpose := range []format.Purpose{format.Score, format.PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := pipelinetest.NewScoreWorld(t, purpose, format.HardCalls)
			w.Encrypt(c.All())
			plain := pipelinetest.RandomModel(rand.New(rand.NewPCG(3, 4)), w.ScoreParams(), len(c.Rows), 2, c.MissingBlocks(w.Params.N()))
			w.Must(format.SaveScoreKeys(w.Path("eval-score.key"), w.Keys))
			w.Score(w.Model(plain), "good", format.Whole)

			refused := func(err error, path, output string) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
					t.Errorf("%s: %v", path, err)
				}
				if _, err := os.Stat(w.Path(output)); output != "" && err == nil {
					t.Errorf("%s: %s was written", path, output)
				}
			}
			places := func(path string) []int {
				info, err := os.Stat(path)
				w.Must(err)
				size := int(info.Size())
				return []int{0, 20, size / 2, size - 1}
			}
			block := filepath.Join(w.Path("cohort"), format.BlockFileName(1, 0))
			for _, at := range places(block) {
				filetest.Flipped(t, block, at, func() {
					var m site.ScoreModel = plain
					if purpose == format.PrivateModel {
						opened, err := model.OpenModel(w.Path("m.model"))
						w.Must(err)
						defer opened.Close()
						m = opened
					}
					_, err := w.Job(m, "bad", format.Whole).Run(t.Context())
					refused(err, block, "bad.scores")
				})
			}
			for _, at := range places(w.Path("good.scores")) {
				filetest.Flipped(t, w.Path("good.scores"), at, func() {
					_, _, err := w.Decrypt("good")
					refused(err, "good.scores", "")
					_, err = (&site.MergeJob{Paths: []string{w.Path("good.scores")}, Path: w.Path("bad.scores"), Threads: 2, Memory: 1 << 20}).Run(t.Context())
					refused(err, "good.scores", "bad.scores")
				})
			}
			for _, at := range places(w.Path("eval-score.key")) {
				filetest.Flipped(t, w.Path("eval-score.key"), at, func() {
					_, err := format.LoadScoreKeys(w.Path("eval-score.key"))
					refused(err, "eval-score.key", "")
				})
			}
			if purpose == format.PrivateModel {
				for _, at := range places(w.Path("m.model")) {
					filetest.Flipped(t, w.Path("m.model"), at, func() {
						m, err := model.OpenModel(w.Path("m.model"))
						if err == nil {
							defer m.Close()
							_, err = w.Job(m, "bad", format.Whole).Run(t.Context())
						}
						refused(err, "m.model", "bad.scores")
					})
				}
			}
			_, _, err := w.Decrypt("good")
			w.Must(err)
		})
	}
}

// A dishonest server changes what it sends.
type dishonest struct {
	*model.PlainModel
	change func(sum he.Sum)
}

func (d dishonest) Finish(params he.ScoreParams, keys *he.ScoreKeys, sum he.Sum, samples, score int) error {
	defer d.change(sum)
	return d.PlainModel.Finish(params, keys, sum, samples, score)
}

// TestForgedScores changes ciphertexts before they get their checksums. What cannot be
// answers is refused without a word about it. But there is no check as that of sums: a
// server can return any answers, and those may be bits of the key
// (docs/scoring.md, "Forged scores").
func TestForgedScores(t *testing.T) {
	c := pipelinetest.Simulated(t, 200, 100, 0.05, 100) // a full tile, and one of 72 samples
	w := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	w.Encrypt(c.All())
	plain := pipelinetest.RandomModel(rand.New(rand.NewPCG(5, 6)), w.ScoreParams(), len(c.Rows), 1, c.MissingBlocks(w.Params.N()))
	chain := w.Params.Chain()
	n := chain.N()
	// forge makes (0, Δ), which decodes to the coefficients of the secret.
	forge := func(sum he.Sum) {
		clear(sum.Residues)
		for l, q := range chain.Sums {
			scale := uint32(new(big.Int).Mod(w.ScoreParams().Scale(), big.NewInt(int64(q))).Uint64())
			row := sum.Residues[(len(chain.Sums)+l)*n:][:n]
			for j := range row {
				row[j] = scale
			}
		}
	}
	tile := 0
	run := func(change func(sum he.Sum)) ([][]int64, error) {
		tile = 0
		_, err := w.Job(dishonest{plain, change}, "forged", format.Whole).Run(t.Context())
		w.Must(err)
		_, answers, err := w.Decrypt("forged")
		return answers, err
	}
	for name, change := range map[string]func(sum he.Sum){
		"one residue changed":             func(sum he.Sum) { sum.Residues[n/2] ^= 1 },
		"the key in place of all answers": forge,
		"zeros in place of a component":   func(sum he.Sum) { clear(sum.Residues[len(sum.Residues)/2:]) },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := run(change); err == nil || !strings.Contains(err.Error(), "check failed") {
				t.Error(err)
			}
		})
	}
	t.Run("the key in a full tile", func(t *testing.T) {
		answers, err := run(func(sum he.Sum) {
			if tile++; tile == 1 {
				forge(sum)
			}
		})
		w.Must(err) // nothing could be noticed
		for i, b := range w.Secret.Bytes() {
			if x := answers[0][int(bits.Reverse8(uint8(i))>>1)]; x != int64(b)-1 {
				t.Fatalf("coefficient %d of the key is %d, the answer %d", i, int64(b)-1, x)
			}
		}
	})
}
