package pipeline_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/progress"
	"genoveil/pipeline/site"
)

// TestScoreMerges: scores are merged as sums are. Files that do not belong together are
// refused by name, no two merges write the same file, what a killed one left is deleted, and
// a file that changes meanwhile is noticed. In any order and memory the file is the same.
func TestScoreMerges(t *testing.T) {
	c := pipelinetest.Simulated(t, 500, 100, 0, 0) // four tiles
	w, foreign := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls), pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls)
	w.Encrypt(c.All())
	foreign.Encrypt(c.All())
	r := rand.New(rand.NewPCG(1, 2))
	one, two := pipelinetest.RandomModel(r, w.ScoreParams(), 100, 2, []bool{false}), pipelinetest.RandomModel(r, w.ScoreParams(), 100, 2, []bool{false})
	const shards = 7 // three of which are empty
	var paths []string
	for i := 1; i <= shards; i++ {
		w.Score(one, fmt.Sprint("part", i), format.Shard{Index: i, Count: shards})
		paths = append(paths, w.Path(fmt.Sprintf("part%d.scores", i)))
	}
	w.Score(two, "other", format.Whole)
	foreign.Score(one, "foreign", format.Whole)
	whole := func(paths []string, memory int64, progress progress.Func) error {
		_, err := (&site.MergeJob{Paths: paths, Path: w.Path("merged.scores"), Complete: true, Threads: 2, Memory: memory, Progress: progress}).Run(t.Context())
		return err
	}
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
		if left, _ := filepath.Glob(w.Path("*merged.scores*")); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
	refused(whole(nil, 1<<30, nil), "no sums to merge")
	refused(whole(append(paths, paths[1]), 1<<30, nil), fmt.Sprintf("%s and %s both contain sample 1; leave one out", paths[1], paths[1]))
	refused(whole([]string{w.Path("other.scores"), paths[6]}, 1<<30, nil), paths[6]+": answers a different model than "+w.Path("other.scores"))
	refused(whole([]string{paths[6], foreign.Path("foreign.scores")}, 1<<30, nil), foreign.Path("foreign.scores")+": comes from a different cohort than "+paths[6])
	refused(whole(slices.Delete(slices.Clone(paths), 1, 2), 1<<30, nil), "not merged: samples 1 to 128 of 500 are missing; run what is missing, or merge without --complete")

	path := w.Path("merged.scores")
	lock, err := atomicfile.TakeLock(path)
	w.Must(err)
	if err := whole(paths, 1<<30, nil); err == nil || !strings.HasPrefix(err.Error(), path+": another task is writing it") {
		t.Error(err)
	}
	lock.Release()

	content, err := os.ReadFile(paths[6])
	w.Must(err)
	changed := false
	refused(whole(paths, 1, func(int, int) {
		if !changed { // after the headers were read, and before the last file is read
			changed = true
			w.Must(os.WriteFile(paths[6], bytes.Replace(content, []byte(`"samples":500`), []byte(`"samples":501`), 1), 0o600))
		}
	}), paths[6]+": ")
	w.Must(os.WriteFile(paths[6], content, 0o600))
	w.Score(one, "part7", format.Shard{Index: shards, Count: shards}) // the same answers in other ciphertexts
	again, err := os.ReadFile(paths[6])
	w.Must(err)
	w.Must(os.WriteFile(paths[6], content, 0o600))
	changed = false
	refused(whole(paths, 1, func(int, int) {
		if !changed {
			changed = true
			w.Must(os.WriteFile(paths[6], again, 0o600))
		}
	}), paths[6]+": changed while it was merged")

	w.Must(os.WriteFile(w.Path(".merged.scores.12.partial"), nil, 0o600))
	var want []byte
	for _, memory := range []int64{1 << 30, 1, 2 * 4 * int64(w.Params.Chain().SumLen(2))} {
		slices.Reverse(paths)
		w.Must(whole(paths, memory, func(int, int) {
			if open := opened(t, "part"); len(open) > 0 {
				t.Errorf("between files %q are open", open)
			}
		}))
		if left, _ := filepath.Glob(w.Path(".merged*")); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
		got, err := os.ReadFile(path)
		w.Must(err)
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("with memory %d the file differs", memory)
		}
	}
	_, answers, err := w.Decrypt("merged")
	w.Must(err)
	for score, want := range c.Plaintext(one, w.Params.N()) {
		if !slices.Equal(answers[score], want) {
			t.Errorf("score %d differs", score)
		}
	}
}

// opened lists the open files whose name begins so, where the system says it.
func opened(t *testing.T, prefix string) []string {
	t.Helper()
	var names []string
	links, _ := filepath.Glob("/proc/self/fd/*")
	for _, link := range links {
		if name, err := os.Readlink(link); err == nil && strings.HasPrefix(filepath.Base(name), prefix) {
			names = append(names, name)
		}
	}
	return names
}
