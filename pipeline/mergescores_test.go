package pipeline

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
)

// TestScoreMerges: scores are merged as sums are. Files that do not belong together are
// refused by name, no two merges write the same file, what a killed one left is deleted, and
// a file that changes meanwhile is noticed. In any order and memory the file is the same.
func TestScoreMerges(t *testing.T) {
	c := simulated(t, 500, 100, 0, 0) // four tiles
	w, foreign := newScoreWorld(t, Score, HardCalls), newScoreWorld(t, Score, HardCalls)
	w.encrypt(c.all())
	foreign.encrypt(c.all())
	r := rand.New(rand.NewPCG(1, 2))
	one, two := randomModel(r, w.scoreParams(), 100, 2, []bool{false}), randomModel(r, w.scoreParams(), 100, 2, []bool{false})
	const shards = 7 // three of which are empty
	var paths []string
	for i := 1; i <= shards; i++ {
		w.score(one, fmt.Sprint("part", i), Shard{i, shards})
		paths = append(paths, w.path(fmt.Sprintf("part%d.scores", i)))
	}
	w.score(two, "other", Whole)
	foreign.score(one, "foreign", Whole)
	whole := func(paths []string, memory int64, progress Progress) error {
		_, err := (&MergeJob{Paths: paths, Path: w.path("merged.scores"), Complete: true, Threads: 2, Memory: memory, Progress: progress}).Run(t.Context())
		return err
	}
	refused := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
		if left, _ := filepath.Glob(w.path("*merged.scores*")); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
	}
	refused(whole(nil, 1<<30, nil), "no sums to merge")
	refused(whole(append(paths, paths[1]), 1<<30, nil), fmt.Sprintf("%s and %s both contain sample 1; leave one out", paths[1], paths[1]))
	refused(whole([]string{w.path("other.scores"), paths[6]}, 1<<30, nil), paths[6]+": answers a different model than "+w.path("other.scores"))
	refused(whole([]string{paths[6], foreign.path("foreign.scores")}, 1<<30, nil), foreign.path("foreign.scores")+": comes from a different cohort than "+paths[6])
	refused(whole(slices.Delete(slices.Clone(paths), 1, 2), 1<<30, nil), "not merged: samples 1 to 128 of 500 are missing; run what is missing, or merge without --complete")

	path := w.path("merged.scores")
	lock, err := atomicfile.TakeLock(path)
	w.must(err)
	if err := whole(paths, 1<<30, nil); err == nil || !strings.HasPrefix(err.Error(), path+": another task is writing it") {
		t.Error(err)
	}
	lock.Release()

	content, err := os.ReadFile(paths[6])
	w.must(err)
	changed := false
	refused(whole(paths, 1, func(int, int) {
		if !changed { // after the headers were read, and before the last file is read
			changed = true
			w.must(os.WriteFile(paths[6], bytes.Replace(content, []byte(`"samples":500`), []byte(`"samples":501`), 1), 0o600))
		}
	}), paths[6]+": ")
	w.must(os.WriteFile(paths[6], content, 0o600))
	w.score(one, "part7", Shard{shards, shards}) // the same answers in other ciphertexts
	again, err := os.ReadFile(paths[6])
	w.must(err)
	w.must(os.WriteFile(paths[6], content, 0o600))
	changed = false
	refused(whole(paths, 1, func(int, int) {
		if !changed {
			changed = true
			w.must(os.WriteFile(paths[6], again, 0o600))
		}
	}), paths[6]+": changed while it was merged")

	w.must(os.WriteFile(w.path(".merged.scores.12.partial"), nil, 0o600))
	var want []byte
	for _, memory := range []int64{1 << 30, 1, 2 * 4 * int64(w.params.Chain().SumLen(2))} {
		slices.Reverse(paths)
		w.must(whole(paths, memory, func(int, int) {
			if open := opened(t, "part"); len(open) > 0 {
				t.Errorf("between files %q are open", open)
			}
		}))
		if left, _ := filepath.Glob(w.path(".merged*")); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
		got, err := os.ReadFile(path)
		w.must(err)
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("with memory %d the file differs", memory)
		}
	}
	_, answers, err := w.decrypt("merged")
	w.must(err)
	for score, want := range c.plaintext(one, w.params.N()) {
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
