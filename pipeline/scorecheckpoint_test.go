package pipeline

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
	"testing/synctest"
)

// TestScoreContinues interrupts an evaluation of three tiles and five chunks during the
// second chunk of every run. That chunk is the last of the run, the next run goes on
// with the third, and the answers are those of an undisturbed run.
func TestScoreContinues(t *testing.T) {
	c := simulated(t, 300, 200, 0.05, 128)
	for _, purpose := range []Purpose{Score, PrivateModel} {
		t.Run(purpose.String(), func(t *testing.T) {
			w := newScoreWorld(t, purpose, HardCalls)
			w.encrypt(c.all())
			plain := randomModel(rand.New(rand.NewPCG(1, 2)), w.scoreParams(), len(c.rows), 2, c.missingBlocks(w.params.N()))
			m := w.model(plain)
			for _, due := range []bool{true, false} { // saved after every chunk, or only when interrupted
				runs, first := 0, 0
				for {
					runs++
					ctx, cancel := context.WithCancel(t.Context())
					job := w.job(m, "x", Whole)
					if due {
						setDue(job, always)
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
					if !errors.Is(err, ErrContinues) {
						t.Fatal(err)
					}
					if _, err := os.Stat(w.path("x.scores")); err == nil {
						t.Fatal("an interrupted run wrote scores")
					}
					if info, err := os.Stat(w.path("x.scores.checkpoint")); err != nil || info.Mode().Perm() != 0o600 {
						t.Fatal(info, err)
					}
				}
				if runs != 3 {
					t.Errorf("%d runs for five chunks, two each", runs)
				}
				_, got, err := w.decrypt("x")
				w.must(err)
				for score, want := range c.plaintext(plain, w.params.N()) {
					if !slices.Equal(got[score], want) {
						t.Errorf("score %d differs", score)
					}
				}
				if left, _ := os.ReadDir(w.dir); slices.ContainsFunc(left, func(e os.DirEntry) bool {
					return strings.Contains(e.Name(), "checkpoint") || strings.Contains(e.Name(), "partial") || strings.Contains(e.Name(), "lock")
				}) {
					t.Error("left:", left)
				}
				w.must(os.Remove(w.path("x.scores")))
			}
		})
	}
}

// always has a checkpoint saved wherever one may be.
func always() bool { return true }

// TestForeignScoreCheckpoint: what was saved for another model, or damaged, is not
// continued, and that is said.
func TestForeignScoreCheckpoint(t *testing.T) {
	c := simulated(t, 150, 100, 0, 0)
	w := newScoreWorld(t, Score, HardCalls)
	w.encrypt(c.all())
	r := rand.New(rand.NewPCG(1, 2))
	interrupt := func(m ScoreModel) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		job := w.job(m, "x", Whole)
		job.Progress = func(done, total int) {
			if done == 2 {
				cancel()
			}
		}
		if _, err := job.Run(ctx); !errors.Is(err, ErrContinues) {
			t.Fatal(err)
		}
	}
	one, two := randomModel(r, w.scoreParams(), 100, 1, []bool{false}), randomModel(r, w.scoreParams(), 100, 1, []bool{false})
	for name, spoil := range map[string]func(){
		"another model": func() { interrupt(two) },
		"damaged": func() {
			interrupt(one)
			content, err := os.ReadFile(w.path("x.scores.checkpoint"))
			w.must(err)
			content[contentAt(content, len(content)-100)] ^= 1
			w.must(os.WriteFile(w.path("x.scores.checkpoint"), content, 0o600))
		},
	} {
		spoil()
		var log bytes.Buffer
		job := w.job(one, "x", Whole)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		_, err := job.Run(t.Context())
		w.must(err)
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "starting from the beginning, "+job.Path+".checkpoint cannot be used: ") {
			t.Errorf("%s: logged %s", name, &log)
		}
		_, got, err := w.decrypt("x")
		w.must(err)
		if !slices.Equal(got[0], c.plaintext(one, w.params.N())[0]) {
			t.Errorf("%s: other answers", name)
		}
	}
}

// TestUnreadChunkIsNotCounted: where reading ends before a chunk is complete, the chunk
// fails even if the error that ended it has not cancelled the work yet. Otherwise the
// chunk would be counted and saved, and the same command would go on after it and write a
// file that lacks it.
func TestUnreadChunkIsNotCounted(t *testing.T) {
	for _, lacks := range []string{"a step", "what is read"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			steps, read := make(chan step, 1), make(chan readChunks)
			if lacks == "what is read" {
				steps <- sumStep{}
			}
			close(steps)
			close(read)
			ended := make(chan error, 1)
			go func() { ended <- new(pass).add(ctx, &stretch{last: 1, lanes: 1}, steps, read) }()
			synctest.Wait() // the chunk has ended, or waits
			select {
			case err := <-ended:
				t.Errorf("without %s: ended with %v", lacks, err)
				return
			default:
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("without %s: %v", lacks, err)
			}
		})
	}
}

// TestDamagedChunkIsReadAgain: after a chunk that cannot be read, the same command
// tries that chunk again.
func TestDamagedChunkIsReadAgain(t *testing.T) {
	c := simulated(t, 128, 100, 0, 0) // one block, one tile of two chunks
	w := newScoreWorld(t, Score, HardCalls)
	w.encrypt(c.all())
	m := randomModel(rand.New(rand.NewPCG(1, 2)), w.scoreParams(), 100, 1, []bool{false})
	path := filepath.Join(w.path("cohort"), blockFileName(0, 0))
	info, err := os.Stat(path)
	w.must(err)
	flipped(t, path, int(info.Size())*3/4, func() { // in the second chunk
		for range 3 {
			job := w.job(m, "x", Whole)
			setDue(job, always)
			_, err := job.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), filepath.Base(path)) || !strings.Contains(err.Error(), "fix that, and the same command continues from "+job.Path+".checkpoint") {
				t.Fatal(err)
			}
		}
	})
	w.score(m, "x", Whole)
	_, got, err := w.decrypt("x")
	w.must(err)
	if !slices.Equal(got[0], c.plaintext(m, w.params.N())[0]) {
		t.Error("other answers")
	}
}

// TestScoreCheckpointSizes: a checkpoint whose sizes do not agree is not read.
func TestScoreCheckpointSizes(t *testing.T) {
	c := simulated(t, 300, 100, 0, 0) // three tiles, the first two of two chunks
	w := newScoreWorld(t, Score, HardCalls)
	w.encrypt(c.all())
	restorer, err := newScoreRestorer(t.Context(), w.job(randomModel(rand.New(rand.NewPCG(1, 2)), w.scoreParams(), 100, 2, []bool{false}), "x", Whole))
	w.must(err)
	sum := make([]byte, 4*w.params.Chain().SumLen(2))
	for _, test := range []struct {
		state scoreState
		sums  int
		fits  bool
	}{
		{scoreState{Sums: -2}, 0, false}, {scoreState{Sums: 1}, 1, false}, {scoreState{Sums: 8}, 8, false}, {scoreState{Sums: 4}, 2, false}, {scoreState{Sums: 6}, 0, false},
		{scoreState{Sums: 2}, 3, false}, {scoreState{Chunks: -1}, 2, false}, {scoreState{Chunks: 3}, 4, false}, {scoreState{Chunks: 1}, 0, false}, {scoreState{6, 1}, 8, false}, {scoreState{4, 2}, 6, false},
		{scoreState{}, 0, true}, {scoreState{2, 1}, 4, true}, {scoreState{Chunks: 2}, 2, true}, {scoreState{4, 1}, 6, true}, {scoreState{Sums: 6}, 6, true},
	} {
		err := restorer.Restore(test.state, slices.Repeat([][]byte{sum}, test.sums)...)
		if (err == nil) != test.fits {
			t.Errorf("%d ciphertexts were read as %+v: %v", test.sums, test.state, err)
		}
	}
}
