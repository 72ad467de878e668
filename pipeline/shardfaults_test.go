package pipeline

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/he/hetest"
)

// killed is what a child process is told in shardVariable.
type killed struct {
	Dir    string
	Secret []byte
	Shard  Shard
	At     int    // variant to read when the process ends itself
	After  string // not before this file is there
}

const shardVariable = "GENOVEIL_TEST_SHARD"

func killedCohort(t *testing.T) *plainCohort { return simulated(t, 60, 6000, 0.01, 3000) }

// TestKilledShard is the child process.
func TestKilledShard(t *testing.T) {
	text := os.Getenv(shardVariable)
	if text == "" {
		t.Skip("only as a child of another test")
	}
	var k killed
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		t.Fatal(err)
	}
	secret, err := he.SecretKeyFromBytes(k.Secret)
	if err != nil {
		t.Fatal(err)
	}
	w := ownerWorld{&world{t: t, dir: k.Dir, params: hetest.SumParams(t, 10, 1024).Params(), secret: secret}}
	_, err = w.shard(&hooked{killedCohort(t).all(), func(read int) {
		if read != k.At {
			return
		}
		for k.After != "" {
			if _, err := os.Stat(k.After); err == nil {
				break
			}
		}
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal is delivered
	}}, k.Shard.Index, k.Shard.Count).Run(t.Context())
	t.Fatalf("still alive: %v", err)
}

// hooked calls a function before every variant, with the number of those read.
type hooked struct {
	genomics.Source
	before func(read int)
}

func (h *hooked) Next(v *genomics.Variant, row genomics.Row) error {
	h.before(h.Source.(*memorySource).next)
	return h.Source.Next(v, row)
}

// kill runs a shard in a child process that is killed.
func (w ownerWorld) kill(k killed) {
	w.t.Helper()
	k.Dir, k.Secret = w.dir, w.secret.Bytes()
	text, err := json.Marshal(k)
	w.must(err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledShard$")
	cmd.Env = append(os.Environ(), shardVariable+"="+string(text))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
}

// TestShardsSurviveSIGKILL kills a shard after its first block, and then shards at
// random moments; repeated, they complete the cohort.
func TestShardsSurviveSIGKILL(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := killedCohort(t)
	w.kill(killed{Shard: Shard{2, 2}, At: 5000, After: w.path("cohort.index.partial/shard-2-of-2/block000001.json")})
	if result := w.encryptShard(c.all(), 2, 2); result.Resumed == 0 || !slices.Equal(result.Left, []Shard{{1, 2}}) {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	w.encryptShard(c.all(), 1, 2)
	w.complete(c)

	w.clear()
	r := rand.New(rand.NewPCG(4, 2))
	for _, i := range append(r.Perm(3), r.Perm(3)...) {
		w.kill(killed{Shard: Shard{i + 1, 3}, At: r.IntN(len(c.variants) + 1)})
		if r.IntN(3) == 0 {
			w.encryptShard(c.all(), i+1, 3)
		}
	}
	for i := range 3 {
		if _, err := os.Stat(w.path("cohort.index")); err != nil {
			w.encryptShard(c.all(), i+1, 3)
		}
	}
	w.complete(c)
}

// TestCompletionIsRepeated fails after all shards are done, and runs any one again.
func TestCompletionIsRepeated(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 60, 2500, 0.01, 2000)
	w.encryptShard(c.all(), 1, 2)
	inTheWay := w.path("cohort/" + manifestName)
	w.must(os.Mkdir(inTheWay, 0o700))
	w.refused(w.shard(c.all(), 2, 2), manifestName)
	w.must(os.Remove(inTheWay))
	if result := w.encryptShard(c.all(), 1, 2); result.Resumed != 2 || len(result.Left) > 0 {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	w.complete(c)
}

// TestForeignFilesAreNoticed puts what another task wrote, for want of locks, in the
// place of a finished shard's files: whoever ends last names the shard.
func TestForeignFilesAreNoticed(t *testing.T) {
	c := simulated(t, 60, 2500, 0.01, 2000)
	other := ownerWorld{newSmallWorld(t)}
	other.encrypt(c.all())
	index, err := os.ReadFile(other.path("cohort.index"))
	other.must(err)
	foreign, err := os.ReadFile(other.path("cohort/" + blockFileName(1, 0)))
	other.must(err)

	w := ownerWorld{newSmallWorld(t)}
	for name, plant := range map[string]func() error{
		"cohort/" + blockFileName(1, 0): func() error {
			return os.WriteFile(w.path("cohort/"+blockFileName(1, 0)), foreign, 0o600)
		},
		"no file": func() error { return os.Remove(w.path("cohort/" + blockFileName(1, 0))) },
		"variants' lines": func() error {
			return os.WriteFile(w.path("cohort.index.partial/shard-2-of-3/block000001.zst"), index, 0o600)
		},
		"no record":        func() error { return os.Remove(w.path("cohort.index.partial/shard-2-of-3/block000001.json")) },
		"record of before": func() error { return w.rewrite("cohort.index.partial/shard-2-of-3/block000001.json") },
	} {
		t.Run(name, func(t *testing.T) {
			w.clear()
			w.t = t
			w.encryptShard(c.all(), 1, 3)
			w.encryptShard(c.all(), 2, 3)
			w.must(plant())
			w.refused(w.shard(c.all(), 3, 3), "cohort: block 1 is not what shard 2/3 wrote; run that shard again")
			if _, err := os.Stat(w.path("cohort.index")); err == nil {
				t.Error("there is an index")
			}
			if result := w.encryptShard(c.all(), 2, 3); result.Resumed != 0 || len(result.Left) != 0 {
				t.Errorf("%d kept, %v left", result.Resumed, result.Left)
			}
			w.complete(c)
		})
		w.t = t
	}
}

// rewrite gives a record the number of another cohort.
func (w ownerWorld) rewrite(name string) error {
	text, err := os.ReadFile(w.path(name))
	w.must(err)
	var record finishedBlock
	w.must(json.Unmarshal(text, &record))
	record.CohortID = "another"
	text, err = json.Marshal(record)
	w.must(err)
	return os.WriteFile(w.path(name), text, 0o600)
}

// TestTaskThatIsOvertakenStops: where locks do nothing, another task may finish a
// block, or the cohort, while this one has it under way. What that wrote stays.
func TestTaskThatIsOvertakenStops(t *testing.T) {
	w := ownerWorld{newSmallWorld(t)}
	c := simulated(t, 60, 1500, 0.01, 1000)
	encryptor, err := he.NewEncryptor(w.params.PlaneParams, w.secret)
	w.must(err)
	file, record := w.path("cohort/"+blockFileName(1, 0)), w.path("cohort.index.partial/shard-2-of-2/block000001.json")
	for name, overtake := range map[string]func() error{
		"nothing":              func() error { return nil },
		"the block is there":   func() error { return os.WriteFile(record, nil, 0o600) },
		"the journal is ended": func() error { return os.Remove(w.path("cohort.index.partial/state.json")) },
	} {
		t.Run(name, func(t *testing.T) {
			w.clear()
			w.t = t
			job := w.shard(c.all(), 2, 2)
			err := encryptBlock1(t.Context(), job, encryptor, c.samples, overtake)
			_, stat := os.Stat(file)
			if name == "nothing" {
				w.must(errors.Join(err, stat))
			} else if err == nil || !strings.Contains(err.Error(), "another task has encrypted block 1 or deleted the journal in the meantime") || stat == nil {
				t.Errorf("%v, file: %v", err, stat)
			}
		})
		w.t = t
	}
}

// TestStateIsMadeOnce: tasks that lock nothing agree on one check key all the same.
func TestStateIsMadeOnce(t *testing.T) {
	const tasks = 8
	dir, params := t.TempDir(), hetest.SumParams(t, 10, 1024).Params()
	keys := make([]uint64, tasks)
	var group errgroup.Group
	for i := range tasks {
		group.Go(func() error {
			j := &journal{dir: dir, shard: Shard{i + 1, tasks}}
			_, err := j.readOrMakeState(journalState{KeyID: KeyID(newID()), Params: params, Shards: tasks, CheckKey: he.MaskKey{{uint64(i) + 1}}}, 0)
			if err == nil {
				keys[i] = j.state.CheckKey[0][0]
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if distinct := slices.Compact(slices.Sorted(slices.Values(keys))); len(distinct) != 1 {
		t.Errorf("%d check keys", len(distinct))
	}
}
