package pipeline

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/he/reference"
	"genoveil/pipeline/atomicfile"
)

// TestScoresContinueAnyway is TestContinue for scores: of an encrypted model, whose scores
// are the same in every run.
func TestScoresContinueAnyway(t *testing.T) {
	c := simulated(t, 300, 1200, 0.05, 1200) // three tiles, five chunks, ten blocks of two planes: more than are read at a time
	w := newScoreWorld(t, PrivateModel, HardCalls)
	w.encrypt(c.all())
	m := w.model(randomModel(rand.New(rand.NewPCG(1, 2)), w.scoreParams(), len(c.rows), 2, c.missingBlocks(w.params.N())))
	w.score(m, "want", Whole)
	want, err := os.ReadFile(w.path("want.scores"))
	w.must(err)
	lanes := len(m.lanes())
	if lanes <= scoreLanes {
		t.Fatal(lanes)
	}
	path := w.path("got.scores")

	var log bytes.Buffer
	prepare := func() *ScoreJob {
		log.Reset()
		job := w.job(m, "got", Whole)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		return job
	}
	run := func(ctx context.Context, job *ScoreJob) error {
		_, err := job.Run(ctx)
		return err
	}
	// interrupt ends a run after so many products.
	interrupt := func(job *ScoreJob, after int) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if after == 0 {
			cancel()
		}
		job.Progress = func(done, _ int) {
			if done >= after {
				cancel()
			}
		}
		if err := run(ctx, job); !errors.Is(err, ErrContinues) && !(after == 0 && errors.Is(err, context.Canceled)) {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatal("something stands under the final name")
		}
	}
	finish := func(job *ScoreJob, says string) {
		t.Helper()
		w.must(run(t.Context(), job))
		if !strings.Contains(log.String(), says) || says == "" && log.Len() > 0 {
			t.Errorf("logged %q, expected %q", &log, says)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Error("the file differs from that of an undisturbed run", err)
		}
		for _, pattern := range []string{"got.scores.*", ".got.scores*"} {
			if left, _ := filepath.Glob(w.path(pattern)); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		}
		w.must(os.Remove(path))
	}
	const continuing = "continuing from"
	const beginning = "starting from the beginning, "

	t.Run("everywhere", func(t *testing.T) {
		for after := 1; after <= 5*lanes; after += 4 { // after every time that products are added
			interrupt(prepare(), after)
			finish(prepare(), continuing)
		}
	})
	t.Run("without having begun", func(t *testing.T) {
		interrupt(prepare(), 0)
		finish(prepare(), "")
	})
	t.Run("twice, and saved after every chunk", func(t *testing.T) {
		for _, after := range []int{1, 2*lanes + 1} {
			job := prepare()
			setDue(job, always)
			interrupt(job, after)
		}
		finish(prepare(), continuing)
	})
	t.Run("by another engine", func(t *testing.T) {
		job := prepare()
		interrupt(job, lanes)
		job = prepare()
		slow, err := reference.NewScorer(w.keys)
		w.must(err)
		job.Scorer = slow
		interrupt(job, 2*lanes+1)
		finish(prepare(), continuing)
	})
	t.Run("another shard", func(t *testing.T) {
		job := prepare()
		job.Shard = Shard{1, 2}
		interrupt(job, 1)
		finish(prepare(), beginning+path+".checkpoint cannot be used: "+path+".checkpoint: "+errForeign.Error())
	})
	t.Run("a damaged checkpoint", func(t *testing.T) {
		interrupt(prepare(), 3*lanes)
		flipLast(t, path+".checkpoint")
		finish(prepare(), beginning)
	})
	t.Run("an error that can be put right", func(t *testing.T) {
		files, err := filepath.Glob(w.path("cohort/*.chunks"))
		w.must(err)
		last := files[len(files)-1]
		interrupt(prepare(), lanes)
		w.must(os.Rename(last, last+".away"))
		err = run(t.Context(), prepare())
		w.must(os.Rename(last+".away", last))
		if err == nil || !strings.Contains(err.Error(), last) || !strings.Contains(err.Error(), "fix that, and the same command continues from "+path+".checkpoint") {
			t.Error(err)
		}
		finish(prepare(), continuing)
	})
	t.Run("the output cannot be written", func(t *testing.T) {
		w.must(os.Mkdir(path, 0o755))
		job := prepare()
		setDue(job, always)
		if err := run(t.Context(), job); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Error(err)
		}
		w.must(os.Remove(path))
		finish(prepare(), continuing+" "+path+".checkpoint: ")
	})
	t.Run("the checkpoint cannot be written", func(t *testing.T) {
		w.must(os.Mkdir(path+".checkpoint", 0o755))
		job := prepare()
		setDue(job, always)
		w.must(run(t.Context(), job))
		if want := "cannot save a checkpoint: " + path + ".checkpoint: "; strings.Count(log.String(), want) != 1 {
			t.Errorf("logged %s, expected %q once", &log, want)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Error("the file differs", err)
		}
		w.must(os.Remove(path))
	})
	t.Run("two at a time", func(t *testing.T) {
		lock, err := atomicfile.TakeLock(path)
		w.must(err)
		defer lock.Release()
		if err := run(t.Context(), prepare()); err == nil || !strings.HasPrefix(err.Error(), path+": another task is writing it") {
			t.Error(err)
		}
	})
}
