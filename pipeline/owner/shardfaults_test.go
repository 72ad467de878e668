package owner_test

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

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
)

// killed is what a child process is told in shardVariable.
type killed struct {
	Dir    string
	Secret []byte
	Shard  format.Shard
	At     int    // variant to read when the process ends itself
	After  string // not before this file is there
}

const shardVariable = "GENOVEIL_TEST_SHARD"

func killedCohort(t *testing.T) *pipelinetest.PlainCohort {
	return pipelinetest.Simulated(t, 60, 6000, 0.01, 3000)
}

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
	w := ownerWorld{&pipelinetest.World{T: t, Dir: k.Dir, Params: hetest.SumParams(t, 10, 1024).Params(), Secret: secret}}
	_, err = w.shard(&hooked{killedCohort(t).All(), func(read int) {
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
	h.before(h.Source.(*pipelinetest.MemorySource).At)
	return h.Source.Next(v, row)
}

// kill runs a shard in a child process that is killed.
func (w ownerWorld) kill(k killed) {
	w.T.Helper()
	k.Dir, k.Secret = w.Dir, w.Secret.Bytes()
	text, err := json.Marshal(k)
	w.Must(err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledShard$")
	cmd.Env = append(os.Environ(), shardVariable+"="+string(text))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.T.Fatalf("the child was not killed: %v\n%s", err, out)
	}
}

// TestShardsSurviveSIGKILL kills a shard after its first block, and then shards at
// random moments; repeated, they complete the cohort.
func TestShardsSurviveSIGKILL(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := killedCohort(t)
	w.kill(killed{Shard: format.Shard{Index: 2, Count: 2}, At: 5000, After: w.Path("cohort.index.partial/shard-2-of-2/block000001.json")})
	if result := w.encryptShard(c.All(), 2, 2); result.Resumed == 0 || !slices.Equal(result.Left, []format.Shard{{Index: 1, Count: 2}}) {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	w.encryptShard(c.All(), 1, 2)
	w.complete(c)

	w.clear()
	r := rand.New(rand.NewPCG(4, 2))
	for _, i := range append(r.Perm(3), r.Perm(3)...) {
		w.kill(killed{Shard: format.Shard{Index: i + 1, Count: 3}, At: r.IntN(len(c.Variants) + 1)})
		if r.IntN(3) == 0 {
			w.encryptShard(c.All(), i+1, 3)
		}
	}
	for i := range 3 {
		if _, err := os.Stat(w.Path("cohort.index")); err != nil {
			w.encryptShard(c.All(), i+1, 3)
		}
	}
	w.complete(c)
}

// TestCompletionIsRepeated fails after all shards are done, and runs any one again.
func TestCompletionIsRepeated(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 60, 2500, 0.01, 2000)
	w.encryptShard(c.All(), 1, 2)
	inTheWay := w.Path("cohort/" + format.ManifestName)
	w.Must(os.Mkdir(inTheWay, 0o700))
	w.refused(w.shard(c.All(), 2, 2), format.ManifestName)
	w.Must(os.Remove(inTheWay))
	if result := w.encryptShard(c.All(), 1, 2); result.Resumed != 2 || len(result.Left) > 0 {
		t.Errorf("%d kept, %v left", result.Resumed, result.Left)
	}
	w.complete(c)
}

// TestForeignFilesAreNoticed puts what another task wrote, for want of locks, in the
// place of a finished shard's files: whoever ends last names the shard.
func TestForeignFilesAreNoticed(t *testing.T) {
	c := pipelinetest.Simulated(t, 60, 2500, 0.01, 2000)
	other := ownerWorld{pipelinetest.NewSmallWorld(t)}
	other.Encrypt(c.All())
	index, err := os.ReadFile(other.Path("cohort.index"))
	other.Must(err)
	foreign, err := os.ReadFile(other.Path("cohort/" + format.BlockFileName(1, 0)))
	other.Must(err)

	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	for name, plant := range map[string]func() error{
		"cohort/" + format.BlockFileName(1, 0): func() error {
			return os.WriteFile(w.Path("cohort/"+format.BlockFileName(1, 0)), foreign, 0o600)
		},
		"no file": func() error { return os.Remove(w.Path("cohort/" + format.BlockFileName(1, 0))) },
		"variants' lines": func() error {
			return os.WriteFile(w.Path("cohort.index.partial/shard-2-of-3/block000001.zst"), index, 0o600)
		},
		"no record":        func() error { return os.Remove(w.Path("cohort.index.partial/shard-2-of-3/block000001.json")) },
		"record of before": func() error { return w.rewrite("cohort.index.partial/shard-2-of-3/block000001.json") },
	} {
		t.Run(name, func(t *testing.T) {
			w.clear()
			w.T = t
			w.encryptShard(c.All(), 1, 3)
			w.encryptShard(c.All(), 2, 3)
			w.Must(plant())
			w.refused(w.shard(c.All(), 3, 3), "cohort: block 1 is not what shard 2/3 wrote; run that shard again")
			if _, err := os.Stat(w.Path("cohort.index")); err == nil {
				t.Error("there is an index")
			}
			if result := w.encryptShard(c.All(), 2, 3); result.Resumed != 0 || len(result.Left) != 0 {
				t.Errorf("%d kept, %v left", result.Resumed, result.Left)
			}
			w.complete(c)
		})
		w.T = t
	}
}

// rewrite gives a record the number of another cohort.
func (w ownerWorld) rewrite(name string) error {
	text, err := os.ReadFile(w.Path(name))
	w.Must(err)
	var record owner.FinishedBlock
	w.Must(json.Unmarshal(text, &record))
	record.CohortID = "another"
	text, err = json.Marshal(record)
	w.Must(err)
	return os.WriteFile(w.Path(name), text, 0o600)
}

// TestTaskThatIsOvertakenStops: where locks do nothing, another task may finish a
// block, or the cohort, while this one has it under way. What that wrote stays.
func TestTaskThatIsOvertakenStops(t *testing.T) {
	w := ownerWorld{pipelinetest.NewSmallWorld(t)}
	c := pipelinetest.Simulated(t, 60, 1500, 0.01, 1000)
	encryptor, err := he.NewEncryptor(w.Params.PlaneParams, w.Secret)
	w.Must(err)
	file, record := w.Path("cohort/"+format.BlockFileName(1, 0)), w.Path("cohort.index.partial/shard-2-of-2/block000001.json")
	for name, overtake := range map[string]func() error{
		"nothing":              func() error { return nil },
		"the block is there":   func() error { return os.WriteFile(record, nil, 0o600) },
		"the journal is ended": func() error { return os.Remove(w.Path("cohort.index.partial/state.json")) },
	} {
		t.Run(name, func(t *testing.T) {
			w.clear()
			w.T = t
			job := w.shard(c.All(), 2, 2)
			err := owner.EncryptBlock1(t.Context(), job, encryptor, c.Names, overtake)
			_, stat := os.Stat(file)
			if name == "nothing" {
				w.Must(errors.Join(err, stat))
			} else if err == nil || !strings.Contains(err.Error(), "another task has encrypted block 1 or deleted the journal in the meantime") || stat == nil {
				t.Errorf("%v, file: %v", err, stat)
			}
		})
		w.T = t
	}
}
