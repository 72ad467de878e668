package pipeline

import (
	"bytes"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/he"
)

// flipped changes one bit of a file while check runs: that at `at`, or the last before
// it that is not padding.
func flipped(t *testing.T, path string, at int, check func()) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]byte(nil), content...)
	changed[contentAt(content, at)] ^= 1
	if err := os.WriteFile(path, changed, 0o600); err != nil {
		t.Fatal(err)
	}
	check()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// contentAt is the place of the last byte up to `at` that is not zero, as padding is.
func contentAt(file []byte, at int) int {
	return len(bytes.TrimRight(file[:at+1], "\x00")) - 1
}

// TestDamagedScoreFiles flips bits in every file that scoring reads: headers, seeds
// and residues. Each is refused by name, and no output appears.
func TestDamagedScoreFiles(t *testing.T) {
	c := simulated(t, 130, 150, 0.05, 128)
	for _, purpose := range []Purpose{Score, PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := newScoreWorld(t, purpose, HardCalls)
			w.encrypt(c.all())
			plain := randomModel(rand.New(rand.NewPCG(3, 4)), w.scoreParams(), len(c.rows), 2, c.missingBlocks(w.params.N()))
			w.must(SaveScoreKeys(w.path("eval-score.key"), w.keys))
			w.score(w.model(plain), "good", Whole)

			refused := func(err error, path, output string) {
				t.Helper()
				if err == nil || !strings.Contains(err.Error(), filepath.Base(path)) {
					t.Errorf("%s: %v", path, err)
				}
				if _, err := os.Stat(w.path(output)); output != "" && err == nil {
					t.Errorf("%s: %s was written", path, output)
				}
			}
			places := func(path string) []int {
				info, err := os.Stat(path)
				w.must(err)
				size := int(info.Size())
				return []int{0, 20, size / 2, size - 1}
			}
			block := filepath.Join(w.path("cohort"), blockFileName(1, 0))
			for _, at := range places(block) {
				flipped(t, block, at, func() {
					var m ScoreModel = plain
					if purpose == PrivateModel {
						opened, err := OpenModel(w.path("m.model"))
						w.must(err)
						defer opened.Close()
						m = opened
					}
					_, err := w.job(m, "bad", Whole).Run(t.Context())
					refused(err, block, "bad.scores")
				})
			}
			for _, at := range places(w.path("good.scores")) {
				flipped(t, w.path("good.scores"), at, func() {
					_, _, err := w.decrypt("good")
					refused(err, "good.scores", "")
					_, err = (&MergeJob{Paths: []string{w.path("good.scores")}, Path: w.path("bad.scores"), Threads: 2, Memory: 1 << 20}).Run(t.Context())
					refused(err, "good.scores", "bad.scores")
				})
			}
			for _, at := range places(w.path("eval-score.key")) {
				flipped(t, w.path("eval-score.key"), at, func() {
					_, err := LoadScoreKeys(w.path("eval-score.key"))
					refused(err, "eval-score.key", "")
				})
			}
			if purpose == PrivateModel {
				for _, at := range places(w.path("m.model")) {
					flipped(t, w.path("m.model"), at, func() {
						m, err := OpenModel(w.path("m.model"))
						if err == nil {
							defer m.Close()
							_, err = w.job(m, "bad", Whole).Run(t.Context())
						}
						refused(err, "m.model", "bad.scores")
					})
				}
			}
			_, _, err := w.decrypt("good")
			w.must(err)
		})
	}
}

// A dishonest server changes what it sends.
type dishonest struct {
	*PlainModel
	change func(sum he.Sum)
}

func (d dishonest) finish(params he.ScoreParams, keys *he.ScoreKeys, sum he.Sum, samples, score int) error {
	defer d.change(sum)
	return d.PlainModel.finish(params, keys, sum, samples, score)
}

// TestForgedScores changes ciphertexts before they get their checksums. What cannot be
// answers is refused without a word about it. But there is no check as that of sums: a
// server can return any answers, and those may be bits of the key
// (docs/scoring.md, "Forged scores").
func TestForgedScores(t *testing.T) {
	c := simulated(t, 200, 100, 0.05, 100) // a full tile, and one of 72 samples
	w := newScoreWorld(t, Score, HardCalls)
	w.encrypt(c.all())
	plain := randomModel(rand.New(rand.NewPCG(5, 6)), w.scoreParams(), len(c.rows), 1, c.missingBlocks(w.params.N()))
	chain := w.params.Chain()
	n := chain.N()
	// forge makes (0, Δ), which decodes to the coefficients of the secret.
	forge := func(sum he.Sum) {
		clear(sum.Residues)
		for l, q := range chain.Sums {
			scale := uint32(new(big.Int).Mod(w.scoreParams().Scale(), big.NewInt(int64(q))).Uint64())
			row := sum.Residues[(len(chain.Sums)+l)*n:][:n]
			for j := range row {
				row[j] = scale
			}
		}
	}
	tile := 0
	run := func(change func(sum he.Sum)) ([][]int64, error) {
		tile = 0
		_, err := w.job(dishonest{plain, change}, "forged", Whole).Run(t.Context())
		w.must(err)
		_, answers, err := w.decrypt("forged")
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
		w.must(err) // nothing could be noticed
		for i, b := range w.secret.Bytes() {
			if x := answers[0][int(bits.Reverse8(uint8(i))>>1)]; x != int64(b)-1 {
				t.Fatalf("coefficient %d of the key is %d, the answer %d", i, int64(b)-1, x)
			}
		}
	})
}
