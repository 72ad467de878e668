package slurm

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestResumeWaitsForTasks has one task of an array failed, one done, one in the queue:
// only the first is submitted again, and the new merge waits for the tasks that are
// left, not for the array, which can never succeed.
func TestResumeWaitsForTasks(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, text := range map[string]string{
		"sbatch":  "echo \"$*\" >>told; echo 20",
		"scancel": "echo \"cancel $*\" >>told",
		"squeue":  "echo '11_3|RUNNING|None'; echo '12|PENDING|Dependency'",
	} {
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	j := &Job{Program: "p", Command: []string{"run"}, Output: "o", Suffix: ".sums", Shards: 3, Options: []string{"--partition", "long"},
		Submitted: []Submission{{ID: "11", Script: ShardsName, Tasks: []int{1, 2, 3}}, {ID: "12", Script: "merge.sh"}}}
	if err := j.Create(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{j.Record(1), j.ShardFile(1)} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shards, err := j.Submit(t.Context())
	if err != nil || !slices.Equal(shards, []int{2}) {
		t.Fatal(shards, err)
	}
	told, err := os.ReadFile("told")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"--parsable --partition long --array=2 " + filepath.Join("o.slurm", "shards.sh"),
		"cancel 12",
		"--parsable --partition long --dependency=afterok:11_3:20 --kill-on-invalid-dep=yes " + filepath.Join("o.slurm", "merge.sh"), ""}, "\n")
	if string(told) != want {
		t.Errorf("told\n%swant\n%s", told, want)
	}
}

// TestPassphraseStays has a Slurm whose programs note their environment: only the shards
// of 'encrypt genotypes' get the passphrase.
func TestPassphraseStays(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range []string{"sbatch", "squeue"} {
		text := "#!/bin/sh\necho \"" + name + " ${GENOVEIL_PASSPHRASE-none} $KEPT\" >>told\n"
		if name == "sbatch" {
			text += "echo 20\n"
		}
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("GENOVEIL_PASSPHRASE", "secret")
	t.Setenv("KEPT", "kept")
	for _, c := range []struct{ command, suffix, want string }{
		{"run", ".sums", "sbatch none kept\nsbatch none kept\n"}, // shards and merge
		{"score", ".scores", "sbatch none kept\nsbatch none kept\n"},
		{"encrypt", "", "sbatch secret kept\n"},
	} {
		j := &Job{Program: "p", Command: []string{c.command}, Output: c.command, Suffix: c.suffix, Shards: 2}
		if err := j.Create(); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Submit(t.Context()); err != nil {
			t.Fatal(err)
		}
		j.Submitted = []Submission{{ID: "20", Script: ShardsName, Tasks: []int{1, 2}}}
		if _, err := j.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
		told, err := os.ReadFile("told")
		if err != nil {
			t.Fatal(err)
		}
		if want := c.want + "squeue none kept\n"; string(told) != want {
			t.Errorf("%s: told\n%swant\n%s", c.command, told, want)
		}
		if err := os.Remove("told"); err != nil {
			t.Fatal(err)
		}
	}
}
