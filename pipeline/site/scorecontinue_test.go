package site_test

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
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestScoresContinueAnyway is TestContinue for scores: of an encrypted model, whose scores
// are the same in every run.
func TestScoresContinueAnyway(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 1200, 0.05, 1200) // three tiles, five chunks, ten blocks of two planes: more than are read at a time
	w := pipelinetest.NewScoreWorld(t, format.PrivateModel, format.HardCalls)
	w.Encrypt(c.All())
	m := w.Model(pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), w.ScoreParams(), len(c.Rows), 2, c.MissingBlocks(w.Params.N())))
	w.Score(m, "want", format.Whole)
	want, err := os.ReadFile(w.Path("want.scores"))
	w.Must(err)
	lanes := len(m.Lanes())
	if lanes <= site.ScoreLanes {
		t.Fatal(lanes)
	}
	path := w.Path("got.scores")

	var log bytes.Buffer
	prepare := func() *site.ScoreJob {
		log.Reset()
		job := w.Job(m, "got", format.Whole)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		return job
	}
	run := func(ctx context.Context, job *site.ScoreJob) error {
		_, err := job.Run(ctx)
		return err
	}
	// interrupt ends a run after so many products.
	interrupt := func(job *site.ScoreJob, after int) {
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
		if err := run(ctx, job); !errors.Is(err, site.ErrContinues) && !(after == 0 && errors.Is(err, context.Canceled)) {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Fatal("something stands under the final name")
		}
	}
	finish := func(job *site.ScoreJob, says string) {
		t.Helper()
		w.Must(run(t.Context(), job))
		isFinished(t, w.World, path, want, log.String(), says)
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
			site.SetDue(job, always)
			interrupt(job, after)
		}
		finish(prepare(), continuing)
	})
	t.Run("by another engine", func(t *testing.T) {
		job := prepare()
		interrupt(job, lanes)
		job = prepare()
		slow, err := reference.NewScorer(w.Keys)
		w.Must(err)
		job.Scorer = slow
		interrupt(job, 2*lanes+1)
		finish(prepare(), continuing)
	})
	t.Run("another shard", func(t *testing.T) {
		job := prepare()
		job.Shard = format.Shard{Index: 1, Count: 2}
		interrupt(job, 1)
		finish(prepare(), beginning+path+".checkpoint cannot be used: "+path+".checkpoint: "+site.ErrForeign.Error())
	})
	t.Run("a damaged checkpoint", func(t *testing.T) {
		interrupt(prepare(), 3*lanes)
		filetest.FlipLast(t, path+".checkpoint")
		finish(prepare(), beginning)
	})
	t.Run("an error that can be put right", func(t *testing.T) {
		files, err := filepath.Glob(w.Path("cohort/*.chunks"))
		w.Must(err)
		last := files[len(files)-1]
		interrupt(prepare(), lanes)
		w.Must(os.Rename(last, last+".away"))
		err = run(t.Context(), prepare())
		w.Must(os.Rename(last+".away", last))
		if err == nil || !strings.Contains(err.Error(), last) || !strings.Contains(err.Error(), "fix that, and the same command continues from "+path+".checkpoint") {
			t.Error(err)
		}
		finish(prepare(), continuing)
	})
	t.Run("the output cannot be written", func(t *testing.T) {
		w.Must(os.Mkdir(path, 0o755))
		job := prepare()
		site.SetDue(job, always)
		if err := run(t.Context(), job); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Error(err)
		}
		w.Must(os.Remove(path))
		finish(prepare(), continuing+" "+path+".checkpoint: ")
	})
	t.Run("the checkpoint cannot be written", func(t *testing.T) {
		w.Must(os.Mkdir(path+".checkpoint", 0o755))
		job := prepare()
		site.SetDue(job, always)
		w.Must(run(t.Context(), job))
		if want := "cannot save a checkpoint: " + path + ".checkpoint: "; strings.Count(log.String(), want) != 1 {
			t.Errorf("logged %s, expected %q once", &log, want)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Error("the file differs", err)
		}
		w.Must(os.Remove(path))
	})
	t.Run("two at a time", func(t *testing.T) {
		lock, err := atomicfile.TakeLock(path)
		w.Must(err)
		defer lock.Release()
		if err := run(t.Context(), prepare()); err == nil || !strings.HasPrefix(err.Error(), path+": another task is writing it") {
			t.Error(err)
		}
	})
}
