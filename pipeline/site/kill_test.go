package site_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// killVariable makes the test binary, run as a child, evaluate case.traits or m.model in a
// directory, and perhaps kill itself on the way.
const killVariable = "GENOVEIL_TEST_KILL"

// killEvery is the number of products between checkpoints of sums. Scores have one after
// every chunk.
const killEvery = 5

// A killer runs and kills children that evaluate the same query or model.
type killer struct {
	*pipelinetest.World
	kind  string // "sums" or "scores"
	every int    // products between checkpoints, at most
	want  []byte // the file of an undisturbed run

	last, bound int // products that the child before had done, and how many may be lost
}

func newKiller(t *testing.T, w *pipelinetest.World, c *pipelinetest.PlainCohort) *killer {
	w.Encrypt(c.All())
	w.Chi2("case", c.Status, false)
	w.Must(format.SaveEvaluationKeys(w.Path("eval.key"), w.Keys))
	w.Run("case", "want")
	return (&killer{World: w, kind: "sums", every: killEvery}).ready()
}

// newScoreKiller has an encrypted model, whose scores are the same in every run.
func newScoreKiller(t *testing.T, w *pipelinetest.ScoreWorld, c *pipelinetest.PlainCohort) *killer {
	w.Encrypt(c.All())
	m := w.Model(pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), w.ScoreParams(), len(c.Rows), 2, c.MissingBlocks(w.Params.N())))
	w.Must(format.SaveScoreKeys(w.Path("eval-score.key"), w.Keys))
	w.Score(m, "want", format.Whole)
	return (&killer{World: w.World, kind: "scores", every: len(m.Lanes())}).ready()
}

func (k *killer) ready() *killer {
	var err error
	k.want, err = os.ReadFile(k.Path("want." + k.kind))
	k.Must(err)
	k.Must(os.Mkdir(k.Path("out"), 0o755))
	return k
}

func (k *killer) out() string { return k.Path("out/got." + k.kind) }

// child runs until the end, or until the kill-th change on disk (0: none). lines
// sees every line of progress.
func (k *killer) child(kill int, memory int64, threads int, lines func(cmd *exec.Cmd, done int)) *os.ProcessState {
	k.T.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %d %d %s %s", killVariable, kill, memory, threads, k.kind, k.Dir))
	var output bytes.Buffer
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	k.Must(err)
	k.Must(cmd.Start())
	start, done, begun := 0, 0, false
	for s := bufio.NewScanner(io.TeeReader(stdout, &output)); s.Scan(); {
		if m := continuing.FindStringSubmatch(s.Text()); m != nil {
			start, err = strconv.Atoi(m[1])
			k.Must(err)
			done, begun = start, true
		}
		if n, ok := strings.CutPrefix(s.Text(), "done "); ok {
			done, err = strconv.Atoi(n)
			k.Must(err)
			begun = true
			if lines != nil {
				lines(cmd, done)
			}
		}
	}
	cmd.Wait()
	if begun { // and not killed before it knew where to start, nor finished before
		if k.last-start > k.bound {
			k.T.Errorf("%d products were done before, %d are left", k.last, start)
		}
		k.last = done
	}
	k.bound = k.every
	if cmd.ProcessState.ExitCode() == 75 {
		k.bound = 0
	}
	if code := cmd.ProcessState.ExitCode(); !slices.Contains([]int{0, -1, 3, 75}, code) { // 66 is the race detector's
		k.T.Fatalf("exit code %d: %s", code, &output)
	}
	k.check()
	if cmd.ProcessState.Success() {
		k.finished()
	}
	return cmd.ProcessState
}

var continuing = regexp.MustCompile(`continuing from .* done=(\d+)`)

// check demands that nothing but the right file stands under the final name.
func (k *killer) check() {
	k.T.Helper()
	got, err := os.ReadFile(k.out())
	if err == nil && !bytes.Equal(got, k.want) {
		k.T.Fatal("a wrong file stands under the final name")
	}
}

// finished demands that the file is all there is, and deletes it for the next.
func (k *killer) finished() {
	k.T.Helper()
	entries, err := os.ReadDir(k.Path("out"))
	k.Must(err)
	if len(entries) != 1 || entries[0].Name() != "got."+k.kind {
		k.T.Fatalf("in the end there are %v", entries)
	}
	k.Must(os.Remove(k.out()))
	k.last = 0
}

// TestKilledChild is the child.
func TestKilledChild(t *testing.T) {
	text := os.Getenv(killVariable)
	if text == "" {
		t.Skip("the child of the other tests")
	}
	fields := strings.SplitN(text, " ", 5)
	var numbers [3]int
	for i := range numbers {
		var err error
		if numbers[i], err = strconv.Atoi(fields[i]); err != nil {
			t.Fatal(err)
		}
	}
	w := &pipelinetest.World{T: t, Dir: fields[4]}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	saved, now := -1, 0
	progress := func(done, _ int) {
		if saved < 0 {
			saved = done - 1 // at least what is done after the start
		}
		now = done
		fmt.Printf("done %d\n", done)
	}
	due := func() bool {
		if now-saved < killEvery-1 {
			return false
		}
		saved = now
		return true
	}
	var steps atomic.Int64
	atomicfile.BeforeStep = func() {
		if steps.Add(1) == int64(numbers[0]) {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	var run func(context.Context) error
	log := slog.New(slog.NewTextHandler(os.Stdout, nil))
	if fields[3] == "sums" {
		keys, err := format.LoadEvaluationKeys(w.Path("eval.key"))
		w.Must(err)
		w.Keys = keys
		job := w.Job("case", "out/got", format.Whole)
		job.Memory, job.Threads = int64(numbers[1]), numbers[2]
		job.Engine, err = cpu.New(keys, job.Threads)
		w.Must(err)
		job.Log, job.Progress, run = log, progress, job.Run
		site.SetDue(job, due)
	} else {
		keys, err := format.LoadScoreKeys(w.Path("eval-score.key"))
		w.Must(err)
		scorer, err := cpu.NewScorer(keys, numbers[2])
		w.Must(err)
		model, err := model.OpenModel(w.Path("m.model"))
		w.Must(err)
		job := (&pipelinetest.ScoreWorld{World: w, Purpose: format.PrivateModel, Scorer: scorer, Keys: keys}).Job(model, "out/got", format.Whole)
		job.Log, job.Progress = log, progress
		site.SetDue(job, always)
		run = func(ctx context.Context) error { _, err := job.Run(ctx); return err }
	}
	switch err := run(ctx); {
	case errors.Is(err, site.ErrContinues):
		os.Exit(75)
	case errors.Is(err, context.Canceled):
		os.Exit(3)
	case err != nil:
		t.Fatal(err)
	}
}

// TestKilledAtEveryStep kills before the n-th change on disk, for every n, and
// continues with other memory and threads.
func TestKilledAtEveryStep(t *testing.T) {
	c := pipelinetest.Simulated(t, 200, 130, 0, 0)
	for kind, k := range map[string]*killer{
		"sums":   newKiller(t, pipelinetest.WorldOf(t, hetest.SumParams(t, 7, 128)), c),
		"scores": newScoreKiller(t, pipelinetest.NewScoreWorld(t, format.PrivateModel, format.HardCalls), c),
	} {
		kills := 0
		for n := 1; ; n++ {
			if k.child(n, 1, 1, nil).Success() {
				t.Logf("%s: %d changes on disk", kind, n-1)
				break
			}
			kills++
			if !k.child(0, 1<<30, 2, nil).Success() {
				t.Fatalf("%s: not finished", kind)
			}
		}
		if at := map[string]int{"sums": 50, "scores": 40}[kind]; kills < at {
			t.Errorf("%s: only %d kills", kind, kills)
		}
	}
}

// TestKilledAtRandom kills 50 runs while they compute, read and write, 25 of them
// with SIGTERM, after which nothing at all may be lost. Threads and memory change.
func TestKilledAtRandom(t *testing.T) {
	killAtRandom(t, newKiller(t, pipelinetest.NewSmallWorld(t), pipelinetest.Simulated(t, 1300, 1500, 0.02, 1200)), 50)
}

// TestScoresKilledAtRandom is the same for 20 evaluations of a model.
func TestScoresKilledAtRandom(t *testing.T) {
	killAtRandom(t, newScoreKiller(t, pipelinetest.NewScoreWorld(t, format.PrivateModel, format.HardCalls), pipelinetest.Simulated(t, 1300, 300, 0.02, 200)), 20)
}

func killAtRandom(t *testing.T, k *killer, most int) {
	r := rand.New(rand.NewPCG(1, 2))
	kills, finished := 0, 0
	for kills < most {
		with := syscall.SIGKILL
		if kills%2 == 1 {
			with = syscall.SIGTERM
		}
		after, seen := r.IntN(12), 0
		state := k.child(0, 1<<(10+r.IntN(20)), 1+r.IntN(3), func(cmd *exec.Cmd, done int) {
			if seen++; seen == after+1 {
				cmd.Process.Signal(with)
			}
		})
		switch {
		case state.Success():
			finished++
		case with == syscall.SIGTERM && state.ExitCode() != 75:
			t.Fatalf("after SIGTERM: %v", state)
		default:
			kills++
		}
	}
	t.Logf("%d times finished", finished)
	if !k.child(0, 1<<30, 2, nil).Success() {
		t.Error("not finished")
	}
}
