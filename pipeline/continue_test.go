package pipeline

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
)

// TestContinue interrupts runs and continues them in several ways; the file is
// always that of an undisturbed run.
func TestContinue(t *testing.T) {
	c := simulated(t, 460, 250, 0.02, 130) // 8 chunks in 4 batches, 2 blocks
	w := worldOf(t, hetest.SumParams(t, 7, 128))
	w.encrypt(c.all())
	w.query("case", c.status)
	w.run("case", "want")
	want, err := os.ReadFile(w.path("want.sums"))
	w.must(err)
	w.query("other", c.status)

	var log bytes.Buffer
	prepare := func(query string) *RunJob {
		log.Reset()
		job := w.job(query, "got", Whole)
		job.Log = slog.New(slog.NewTextHandler(&log, nil))
		return job
	}
	// interrupt ends a run after so many chunks.
	interrupt := func(job *RunJob, after int) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		job.Progress = func(done, _ int) {
			if done >= after {
				cancel()
			}
		}
		if err := job.Run(ctx); !errors.Is(err, ErrContinues) {
			t.Fatal(err)
		}
		if _, err := os.Stat(job.Path); err == nil {
			t.Fatal("something stands under the final name")
		}
	}
	path := w.path("got.sums")
	finish := func(job *RunJob, says string) {
		t.Helper()
		w.must(job.Run(t.Context()))
		if !strings.Contains(log.String(), says) || says == "" && log.Len() > 0 {
			t.Errorf("logged %q, expected %q", &log, says)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Error("the file differs from that of an undisturbed run", err)
		}
		for _, pattern := range []string{"got.sums.*", ".got.sums*"} {
			if left, _ := filepath.Glob(w.path(pattern)); len(left) > 0 {
				t.Errorf("left: %q", left)
			}
		}
		w.must(os.Remove(path))
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
		if err := prepare("case").Run(ctx); !errors.Is(err, ErrContinues) {
			t.Fatal(err)
		}
		finish(prepare("case"), continuing)
	})
	t.Run("by another engine", func(t *testing.T) {
		job := prepare("case")
		numbers, _ := lanesAtOnce(job, (&SumsMeta{Blocks: job.Cohort.Blocks, Sections: job.Traits.Sections}).lanes(), job.Memory)
		interrupt(job, numbers[0]*5)
		job = prepare("case")
		slow, err := reference.New(w.keys)
		w.must(err)
		job.Engine, job.Threads = slow, 1 // the reference relinearises on one thread
		interrupt(job, 1)
		finish(prepare("case"), continuing)
	})
	t.Run("another query", func(t *testing.T) {
		interrupt(prepare("other"), 30)
		finish(prepare("case"), beginning(path+".checkpoint: "+errForeign.Error()))
	})
	t.Run("another shard", func(t *testing.T) {
		job := prepare("case")
		job.Shard = Shard{1, 2}
		interrupt(job, 9)
		finish(prepare("case"), beginning(path+".checkpoint: "+errForeign.Error()))
	})
	for name, damage := range map[string]func(file string){
		"a damaged checkpoint": func(string) { flipLast(t, path+".checkpoint") },
		"damaged sums":         func(file string) { flipLast(t, file) },
		"shortened sums":       func(file string) { w.must(os.Truncate(file, 20_000)) },
		"no sums":              func(file string) { w.must(os.Remove(file)) },
	} {
		t.Run(name, func(t *testing.T) {
			job := prepare("case")
			job.Memory = 1
			interrupt(job, 55)
			files, err := filepath.Glob(w.path(".got.sums.*.partial"))
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
		setDue(job, always)
		files, err := filepath.Glob(w.path("cohort/*.chunks"))
		w.must(err)
		last := files[len(files)-1]
		w.must(os.Rename(last, last+".away"))
		err = job.Run(t.Context())
		w.must(os.Rename(last+".away", last))
		if err == nil || !strings.Contains(err.Error(), "fix that, and the same command continues from "+path+".checkpoint") {
			t.Error(err)
		}
		finish(prepare("case"), continuing)
	})
	t.Run("the output cannot be written", func(t *testing.T) {
		w.must(os.Mkdir(path, 0o755))
		job := prepare("case")
		setDue(job, always)
		if err := job.Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Error(err)
		}
		w.must(os.Remove(path))
		finish(prepare("case"), continuing)
	})
	t.Run("the checkpoint cannot be written", func(t *testing.T) {
		w.must(os.Mkdir(path+".checkpoint", 0o755))
		job := prepare("case")
		once := true
		setDue(job, func() bool { defer func() { once = false }(); return once })
		w.must(job.Run(t.Context()))
		if want := "cannot save a checkpoint: " + path + ".checkpoint: "; strings.Count(log.String(), want) != 1 {
			t.Errorf("logged %s, expected %q", &log, want)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Error("the file differs", err)
		}
	})
	t.Run("two at a time", func(t *testing.T) {
		lock, err := atomicfile.TakeLock(path)
		w.must(err)
		defer lock.Release()
		if err := prepare("case").Run(t.Context()); err == nil || !strings.HasPrefix(err.Error(), path+": another task is writing it") {
			t.Error(err)
		}
	})
}

// flipLast changes one bit of the last byte of a file that is not zero.
func flipLast(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(content) - 1; ; i-- {
		if content[i] != 0 {
			content[i] ^= 1
			break
		}
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}
