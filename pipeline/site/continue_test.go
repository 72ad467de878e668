package site_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"genoveil/he/hetest"
	"genoveil/he/reference"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/filetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestContinue interrupts runs and continues them in several ways; the file is
// always that of an undisturbed run.
func TestContinue(t *testing.T) {
	c := pipelinetest.Simulated(t, 460, 250, 0.02, 130) // 8 chunks in 4 batches, 2 blocks
	w := pipelinetest.WorldOf(t, hetest.SumParams(t, 7, 128))
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	w.Run("case", "want")
	want, err := os.ReadFile(w.Path("want.sums"))
	w.Must(err)
	w.Query("other", c.Status)

	var log bytes.Buffer
	prepare := func(query string) *site.RunJob {
		log.Reset()
		job := w.Job(query, "got", format.Whole)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		return job
	}
	// interrupt ends a run after so many chunks.
	interrupt := func(job *site.RunJob, after int) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		job.Progress = func(done, _ int) {
			if done >= after {
				cancel()
			}
		}
		if err := job.Run(ctx); !errors.Is(err, site.ErrContinues) {
			t.Fatal(err)
		}
		if _, err := os.Stat(job.Path); err == nil {
			t.Fatal("something stands under the final name")
		}
	}
	path := w.Path("got.sums")
	finish := func(job *site.RunJob, says string) {
		t.Helper()
		w.Must(job.Run(t.Context()))
		isFinished(t, w, path, want, log.String(), says)
	}
	const continuing = "continuing from"
	beginning := func(why string) string {
		return "starting from the beginning, " + path + ".checkpoint cannot be used: " + why
	}

	t.Run("with more memory", func(t *testing.T) {
		job := prepare("case")
		job.Memory = 1
		interrupt(job, 41)
		finish(prepare("case"), continuing)
	})
	t.Run("with less memory, twice", func(t *testing.T) {
		for _, after := range []int{1, 25} {
			job := prepare("case")
			interrupt(job, after)
		}
		job := prepare("case")
		job.Memory = 1
		finish(job, continuing)
	})
	t.Run("without having begun", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := prepare("case").Run(ctx); !errors.Is(err, site.ErrContinues) {
			t.Fatal(err)
		}
		finish(prepare("case"), continuing)
	})
	t.Run("by another engine", func(t *testing.T) {
		job := prepare("case")
		numbers, _ := site.LanesAtOnce(job, (&format.SumsMeta{Blocks: job.Cohort.Blocks, Sections: job.Traits.Sections}).Lanes(), job.Memory)
		interrupt(job, numbers[0]*5)
		job = prepare("case")
		slow, err := reference.New(w.Keys)
		w.Must(err)
		job.Engine, job.Threads = slow, 1 // the reference relinearises on one thread
		interrupt(job, 1)
		finish(prepare("case"), continuing)
	})
	t.Run("another query", func(t *testing.T) {
		interrupt(prepare("other"), 30)
		finish(prepare("case"), beginning(path+".checkpoint: "+site.ErrForeign.Error()))
	})
	t.Run("another shard", func(t *testing.T) {
		job := prepare("case")
		job.Shard = format.Shard{Index: 1, Count: 2}
		interrupt(job, 9)
		finish(prepare("case"), beginning(path+".checkpoint: "+site.ErrForeign.Error()))
	})
	for name, damage := range map[string]func(file string){
		"a damaged checkpoint": func(string) { filetest.FlipLast(t, path+".checkpoint") },
		"damaged sums":         func(file string) { filetest.FlipLast(t, file) },
		"shortened sums":       func(file string) { w.Must(os.Truncate(file, 20_000)) },
		"no sums":              func(file string) { w.Must(os.Remove(file)) },
	} {
		t.Run(name, func(t *testing.T) {
			job := prepare("case")
			job.Memory = 1
			interrupt(job, 55)
			files, err := filepath.Glob(w.Path(".got.sums.*.partial"))
			if err != nil || len(files) != 1 {
				t.Fatalf("unfinished: %q, %v", files, err)
			}
			damage(files[0])
			finish(prepare("case"), beginning(""))
		})
	}
	t.Run("an error that can be put right", func(t *testing.T) {
		job := prepare("case")
		job.Memory = 1 // so that the first block is done before the second is read
		site.SetDue(job, always)
		files, err := filepath.Glob(w.Path("cohort/*.chunks"))
		w.Must(err)
		last := files[len(files)-1]
		w.Must(os.Rename(last, last+".away"))
		err = job.Run(t.Context())
		w.Must(os.Rename(last+".away", last))
		if err == nil || !strings.Contains(err.Error(), "fix that, and the same command continues from "+path+".checkpoint") {
			t.Error(err)
		}
		finish(prepare("case"), continuing)
	})
	t.Run("the output cannot be written", func(t *testing.T) {
		w.Must(os.Mkdir(path, 0o755))
		job := prepare("case")
		site.SetDue(job, always)
		if err := job.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Error(err)
		}
		w.Must(os.Remove(path))
		finish(prepare("case"), continuing)
	})
	t.Run("the checkpoint cannot be written", func(t *testing.T) {
		w.Must(os.Mkdir(path+".checkpoint", 0o755))
		job := prepare("case")
		once := true
		site.SetDue(job, func() bool { defer func() { once = false }(); return once })
		w.Must(job.Run(t.Context()))
		if want := "cannot save a checkpoint: " + path + ".checkpoint: "; strings.Count(log.String(), want) != 1 {
			t.Errorf("logged %s, expected %q", &log, want)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Error("the file differs", err)
		}
	})
	t.Run("two at a time", func(t *testing.T) {
		lock, err := atomicfile.TakeLock(path)
		w.Must(err)
		defer lock.Release()
		if err := prepare("case").Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), path+": another task is writing it") {
			t.Error(err)
		}
	})
}

// isFinished demands that a job has logged so, made the file of an undisturbed run and left
// nothing beside it, and removes the file.
func isFinished(t *testing.T, w *pipelinetest.World, path string, want []byte, logged, says string) {
	t.Helper()
	if !strings.Contains(logged, says) || says == "" && logged != "" {
		t.Errorf("logged %q, expected %q", logged, says)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Error("the file differs from that of an undisturbed run", err)
	}
	name := filepath.Base(path)
	for _, pattern := range []string{name + ".*", "." + name + "*"} {
		if left, _ := filepath.Glob(w.Path(pattern)); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
	w.Must(os.Remove(path))
}
