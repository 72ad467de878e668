package slurm

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"genoveil/pipeline/tasks"
)

func TestNumbers(t *testing.T) {
	for want, tasks := range map[string][]int{
		"": nil, "3": {3}, "1-8": {1, 2, 3, 4, 5, 6, 7, 8}, "1,3-5,9": {1, 3, 4, 5, 9}, "2-3,5-6": {2, 3, 5, 6},
	} {
		if got := numbers(tasks); got != want {
			t.Errorf("%v: %q, want %q", tasks, got, want)
		}
	}
}

// TestScriptsQuote has bash read the scripts of a job whose words need every
// protection, and demands that a task gets them as they were.
func TestScriptsQuote(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	words := []string{"run", "--cohort", "two words", "it's", "$HOME", "a\"b", "`id`", "*", "", "ä;b&c|d"}
	j := &Job{Program: "printf", Command: append([]string{"%s|"}, words...), Output: "my out'put", Suffix: ".sums", Shards: 2, Name: "n", CPUs: 1, Memory: 1e9, Minutes: 60}
	if err := j.Create(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", filepath.Join(j.Dir(), ShardsName))
	cmd.Env = append(cmd.Environ(), "SLURM_ARRAY_TASK_ID=2", "SLURM_CPUS_PER_TASK=3")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want := strings.Join(append(words, "--shard", "2/2", "--threads", "3", "-o", "my out'put.slurm/shard-2.sums", "--log", "json",
		"--record", "my out'put.slurm/shard-2.json", ""), "|")
	if string(out) != want {
		t.Errorf("a task gets\n%s\nwant\n%s", out, want)
	}
}

// TestMergeTree demands that every file is merged exactly once on every level.
func TestMergeTree(t *testing.T) {
	for _, shards := range []int{1, 2, fanIn, fanIn + 1, fanIn * fanIn, fanIn*fanIn + 1} {
		j := &Job{Program: "echo", Command: []string{"run"}, Output: "o", Suffix: ".sums", Shards: shards}
		scripts := j.Scripts()
		if last := scripts[len(scripts)-1]; last.Tasks != 0 || last.Name != "merge.sh" {
			t.Errorf("%d shards: the last script is %+v", shards, last)
		}
		inputs, prefix := shards, "shard"
		for level, s := range scripts[1:] {
			seen := map[string]int{}
			for task := range max(1, s.Tasks) {
				cmd := exec.Command("bash", "-c", s.Text)
				cmd.Env = append(cmd.Environ(), "SLURM_ARRAY_TASK_ID="+numbers([]int{task + 1}))
				out, err := cmd.Output()
				if err != nil {
					t.Fatal(err)
				}
				for _, word := range strings.Fields(string(out)) {
					if strings.HasPrefix(word, "o.slurm/"+prefix+"-") {
						seen[word]++
					}
				}
			}
			for i := range inputs {
				if name := "o.slurm/" + prefix + "-" + numbers([]int{i + 1}) + ".sums"; seen[name] != 1 {
					t.Errorf("%d shards: %s is merged %d times", shards, name, seen[name])
				}
			}
			if len(seen) > inputs+1 {
				t.Errorf("%d shards: %d files are merged on level %d, there are %d", shards, len(seen), level+1, inputs)
			}
			inputs, prefix = max(1, s.Tasks), "merged-"+numbers([]int{level + 1})
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	j := &Job{Program: "p", Command: []string{"run"}, Output: "o", Suffix: ".sums", Shards: 1}
	if err := j.Create(); err != nil {
		t.Fatal(err)
	}
	if _, err := Load("o.slurm"); err != nil {
		t.Error(err)
	}
	if err := exec.Command("mv", "o.slurm", "x.slurm").Run(); err != nil {
		t.Fatal(err)
	}
	if _, err := Load("x.slurm"); err == nil || !strings.Contains(err.Error(), "is not the job of x.slurm") {
		t.Error(err)
	}
	if _, err := Load("o.slurm"); err == nil || !strings.Contains(err.Error(), "no job found here") {
		t.Error(err)
	}
}

// TestWithoutSlurm has no squeue on the path: the state is what files say, and nothing
// is submitted.
func TestWithoutSlurm(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	j := &Job{Output: "o", Shards: 1, Submitted: []Submission{{ID: "1", Script: ShardsName, Tasks: []int{1}}}}
	const want = "squeue is missing here; run this on a machine that submits to Slurm, or see 'Without Slurm' in docs/cluster.md"
	if status, err := j.Status(t.Context()); err != nil || status.Blind == nil || status.Blind.Error() != want || status.Count(Missing) != 1 {
		t.Error(status, err)
	}
	if _, err := j.Submit(t.Context()); err == nil || err.Error() != want {
		t.Error(err)
	}
}

// TestReadLog reads what a task says: of its last run, the pace, and why it failed.
func TestReadLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	const (
		begin    = `{"time":"2026-03-01T12:00:00Z","level":"INFO","msg":"begins","shard":"1/2"}` + "\n"
		quarter  = `{"time":"2026-03-01T12:01:00Z","level":"INFO","msg":"10 of 40 chunks done","done":10,"total":40}` + "\n"
		failure  = `{"time":"2026-03-01T12:01:30Z","level":"ERROR","msg":"no space"}` + "\n"
		again    = `{"time":"2026-03-01T13:00:00Z","level":"INFO","msg":"begins","shard":"1/2"}` + "\n"
		goesOn   = `{"time":"2026-03-01T13:00:00Z","level":"INFO","msg":"goes on","done":20,"total":40,"continued":true}` + "\n"
		threeQs  = `{"time":"2026-03-01T13:02:00Z","level":"INFO","msg":"30 of 40 chunks done","done":30,"total":40}` + "\n"
		canceled = "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=5.batch.\n"
		killed   = "o.slurm/shards.sh: line 23: 77 Killed genoveil run\n"
	)
	at := func(h, m int) time.Time { return time.Date(2026, 3, 1, h, m, 0, 0, time.UTC) }
	for text, want := range map[string]Said{
		"":                               {},
		"something else\n":               {},
		begin:                            {},
		begin + quarter:                  {Share: 0.25, Takes: 4 * time.Minute, At: at(12, 1)},
		begin + quarter + failure:        {Share: 0.25, Takes: 4 * time.Minute, At: at(12, 1), Failure: "no space"},
		begin + failure + again:          {},
		begin + quarter + again + goesOn: {Share: 0.5, At: at(13, 0)},
		begin + failure + again + goesOn + threeQs: {Share: 0.75, Takes: 8 * time.Minute, At: at(13, 2)},
		begin + canceled: {Failure: strings.TrimSpace(canceled)},
		begin + killed:   {Failure: strings.TrimSpace(killed)},
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := readLog(path); got != want {
			t.Errorf("%s%+v, want %+v", text, got, want)
		}
	}
	if got := readLog(path + "none"); got != (Said{}) {
		t.Errorf("%+v", got)
	}
}

// TestLeft has three shards of four minutes: one is done, one half done a minute ago,
// one waits.
func TestLeft(t *testing.T) {
	t.Chdir(t.TempDir())
	j := &Job{Program: "p", Command: []string{"run"}, Output: "o", Suffix: ".sums", Shards: 3}
	if err := j.Create(); err != nil {
		t.Fatal(err)
	}
	if err := (&tasks.Record{Command: "run", Seconds: 240}).Save(j.Record(1)); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	half := Said{Share: 0.5, Takes: 4 * time.Minute, At: now.Add(-time.Minute)}
	for _, test := range []struct {
		shards []Shard
		want   time.Duration
	}{
		{[]Shard{{State: Done}, {State: Running, Said: half}, {State: Pending}}, 5 * time.Minute},
		{[]Shard{{State: Done}, {State: Running, Said: half}, {State: Running}}, 150 * time.Second},
		{[]Shard{{State: Running, Said: half}, {State: Done}, {State: Done}}, time.Minute},
		{[]Shard{{State: Running}, {State: Pending}, {State: Missing}}, 0},
		{[]Shard{{State: Done}, {State: Pending}, {State: Missing}}, 0},
	} {
		s := Status{Shards: test.shards}
		if got := s.Left(j, now); got.Round(time.Second) != test.want {
			t.Errorf("%+v: %v left, want %v", test.shards, got, test.want)
		}
	}
}
