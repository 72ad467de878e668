package site_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestScoreContinues interrupts an evaluation of three tiles and five chunks during the
// second chunk of every run. That chunk is the last of the run, the next run goes on
// with the third, and the answers are those of an undisturbed run.
func TestScoreContinues(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 200, 0.05, 128)
	for _, purpose := range []format.Purpose{format.Score, format.PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := pipelinetest.NewScoreWorld(t, purpose, format.HardCalls)
			w.Encrypt(c.All())
			plain := pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), w.ScoreParams(), len(c.Rows), 2, c.MissingBlocks(w.Params.N()))
			m := w.Model(plain)
			for _, due := range []bool{true, false} { // saved after every chunk, or only when interrupted
				runs, first := 0, 0
				for {
					runs++
					ctx, cancel := context.WithCancel(t.Context())
					job := w.Job(m, "x", format.Whole)
					if due {
						site.SetDue(job, always)
					}
					begun := -1
					job.Progress = func(done, total int) {
						if begun < 0 {
							begun = done
						}
						if done-begun >= 3 { // the lanes of a chunk are one group
							cancel()
						}
					}
					_, err := job.Run(ctx)
					cancel()
					if begun < first {
						t.Fatalf("run %d begins at %d, the one before began at %d", runs, begun, first)
					}
					first = begun
					if err == nil {
						break
					}
					if !errors.Is(err, site.ErrContinues) {
						t.Fatal(err)
					}
					if _, err := os.Stat(w.Path("x.scores")); err == nil {
						t.Fatal("an interrupted run wrote scores")
					}
					if info, err := os.Stat(w.Path("x.scores.checkpoint")); err != nil || info.Mode().Perm() != 0o600 {
						t.Fatal(info, err)
					}
				}
				if runs != 3 {
					t.Errorf("%d runs for five chunks, two each", runs)
				}
				_, got, err := w.Decrypt("x")
				w.Must(err)
				for score, want := range c.Plaintext(plain, w.Params.N()) {
					if !slices.Equal(got[score], want) {
						t.Errorf("score %d differs", score)
					}
				}
				if left, _ := os.ReadDir(w.Dir); slices.ContainsFunc(left, func(e os.DirEntry) bool {
					return strings.Contains(e.Name(), "checkpoint") || strings.Contains(e.Name(), "partial") || strings.Contains(e.Name(), "lock")
				}) {
					t.Error("left:", left)
				}
				w.Must(os.Remove(w.Path("x.scores")))
			}
		})
	}
}

// always has a checkpoint saved wherever one may be.
func always() bool { return true }

// TestForeignScoreCheckpoint: what was saved for another model, or damaged, is not
// continued, and that is said.
func TestForeignScoreCheckpoint(t *testing.T) {
	c := pipelinetest.Simulated(t, 150, 100, 0, 0)
	w := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	w.Encrypt(c.All())
	r := rand.New(rand.NewPCG(1, 2))
	interrupt := func(m site.ScoreModel) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		job := w.Job(m, "x", format.Whole)
		job.Progress = func(done, total int) {
			if done == 2 {
				cancel()
			}
		}
		if _, err := job.Run(ctx); !errors.Is(err, site.ErrContinues) {
			t.Fatal(err)
		}
	}
	one, two := pipelinetest.RandomModel(r, w.ScoreParams(), 100, 1, []bool{false}), pipelinetest.RandomModel(r, w.ScoreParams(), 100, 1, []bool{false})
	for name, spoil := range map[string]func(){
		"another model": func() { interrupt(two) },
		"damaged": func() {
			interrupt(one)
			content, err := os.ReadFile(w.Path("x.scores.checkpoint"))
			w.Must(err)
			content[filetest.ContentAt(content, len(content)-100)] ^= 1
			w.Must(os.WriteFile(w.Path("x.scores.checkpoint"), content, 0o600))
		},
	} {
		spoil()
		var log bytes.Buffer
		job := w.Job(one, "x", format.Whole)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		_, err := job.Run(t.Context())
		w.Must(err)
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "starting from the beginning, "+job.Path+".checkpoint cannot be used: ") {
			t.Errorf("%s: logged %s", name, &log)
		}
		_, got, err := w.Decrypt("x")
		w.Must(err)
		if !slices.Equal(got[0], c.Plaintext(one, w.Params.N())[0]) {
			t.Errorf("%s: other answers", name)
		}
	}
}

// TestDamagedChunkIsReadAgain: after a chunk that cannot be read, the same command
// tries that chunk again.
func TestDamagedChunkIsReadAgain(t *testing.T) {
	c := pipelinetest.Simulated(t, 128, 100, 0, 0) // one block, one tile of two chunks
	w := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	w.Encrypt(c.All())
	m := pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), w.ScoreParams(), 100, 1, []bool{false})
	path := filepath.Join(w.Path("cohort"), format.BlockFileName(0, 0))
	info, err := os.Stat(path)
	w.Must(err)
	filetest.Flipped(t, path, int(info.Size())*3/4, func() { // in the second chunk
		for range 3 {
			job := w.Job(m, "x", format.Whole)
			site.SetDue(job, always)
			_, err := job.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), filepath.Base(path)) || !strings.Contains(err.Error(), "fix that, and the same command continues from "+job.Path+".checkpoint") {
				t.Fatal(err)
			}
		}
	})
	w.Score(m, "x", format.Whole)
	_, got, err := w.Decrypt("x")
	w.Must(err)
	if !slices.Equal(got[0], c.Plaintext(m, w.Params.N())[0]) {
		t.Error("other answers")
	}
}

// TestScoreCheckpointSizes: a checkpoint whose sizes do not agree is not read.
func TestScoreCheckpointSizes(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 100, 0, 0) // three tiles, the first two of two chunks
	w := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	w.Encrypt(c.All())
	restorer, err := site.NewScoreRestorer(t.Context(), w.Job(pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), w.ScoreParams(), 100, 2, []bool{false}), "x", format.Whole))
	w.Must(err)
	sum := make([]byte, 4*w.Params.Chain().SumLen(2))
	for _, test := range []struct {
		state site.ScoreState
		sums  int
		fits  bool
	}{
		{site.ScoreState{Sums: -2}, 0, false}, {site.ScoreState{Sums: 1}, 1, false}, {site.ScoreState{Sums: 8}, 8, false}, {site.ScoreState{Sums: 4}, 2, false}, {site.ScoreState{Sums: 6}, 0, false},
		{site.ScoreState{Sums: 2}, 3, false}, {site.ScoreState{Chunks: -1}, 2, false}, {site.ScoreState{Chunks: 3}, 4, false}, {site.ScoreState{Chunks: 1}, 0, false}, {site.ScoreState{Sums: 6, Chunks: 1}, 8, false}, {site.ScoreState{Sums: 4, Chunks: 2}, 6, false},
		{site.ScoreState{}, 0, true}, {site.ScoreState{Sums: 2, Chunks: 1}, 4, true}, {site.ScoreState{Chunks: 2}, 2, true}, {site.ScoreState{Sums: 4, Chunks: 1}, 6, true}, {site.ScoreState{Sums: 6}, 6, true},
	} {
		err := restorer.Restore(test.state, slices.Repeat([][]byte{sum}, test.sums)...)
		if (err == nil) != test.fits {
			t.Errorf("%d ciphertexts were read as %+v: %v", test.sums, test.state, err)
		}
	}
}
