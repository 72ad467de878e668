package slurm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Submit submits shards, all that are not done or in the queue already, and the jobs
// that merge them. It returns the shards that it submitted.
func (j *Job) Submit(ctx context.Context) ([]int, error) {
	status, err := j.Status(ctx)
	if err == nil {
		err = status.Blind
	}
	if err != nil {
		return nil, err
	}
	if status.Merged {
		return nil, nil
	}
	var missing []int
	var waitFor []string
	for i, s := range status.Shards {
		switch s.State {
		case Done:
		case Pending, Running:
			// Not for the whole array: others of its tasks may have failed.
			waitFor = append(waitFor, s.ID)
		default:
			missing = append(missing, i+1)
		}
	}
	scripts := j.Scripts()
	if len(missing) > 0 {
		id, err := j.sbatch(ctx, ShardsName, missing, nil)
		if err != nil {
			return nil, err
		}
		waitFor = append(waitFor, id)
	}
	if len(scripts) == 1 || status.Merging && len(missing) == 0 {
		return missing, nil
	}
	for _, id := range status.merges {
		// These wait for tasks that failed.
		if err := command(ctx, "scancel", id).Run(); err != nil {
			return missing, fmt.Errorf("scancel %s: %w", id, err)
		}
	}
	for _, s := range scripts[1:] {
		var tasks []int
		for i := range s.Tasks {
			tasks = append(tasks, i+1)
		}
		id, err := j.sbatch(ctx, s.Name, tasks, waitFor)
		if err != nil {
			return missing, err
		}
		waitFor = []string{id}
	}
	return missing, nil
}

// sbatch submits a script, to begin when other jobs have succeeded.
func (j *Job) sbatch(ctx context.Context, script string, tasks []int, after []string) (id string, err error) {
	args := append([]string{"--parsable"}, j.Options...)
	if tasks != nil {
		args = append(args, "--array="+numbers(tasks))
	}
	if len(after) > 0 {
		args = append(args, "--dependency=afterok:"+strings.Join(after, ":"), "--kill-on-invalid-dep=yes")
	}
	submission := command(ctx, "sbatch", append(args, j.path(script))...)
	if j.OpensKey() {
		submission.Env = os.Environ()
	}
	out, err := submission.Output()
	if err != nil {
		return "", explain("sbatch", err)
	}
	// ID, or ID;cluster
	id, _, _ = strings.Cut(strings.TrimSpace(string(out)), ";")
	if _, err := strconv.Atoi(id); err != nil {
		return "", fmt.Errorf("sbatch printed %q, not the number of a job", out)
	}
	j.Submitted = append(j.Submitted, Submission{ID: id, Script: script, Tasks: tasks})
	return id, j.save()
}

// queued asks squeue for the job's tasks that wait or run: "ARRAY_TASK" or "ID" to
// state and reason.
func (j *Job) queued(ctx context.Context) (map[string]entry, error) {
	queued := map[string]entry{}
	if len(j.Submitted) == 0 {
		return queued, nil
	}
	out, err := command(ctx, "squeue", "--noheader", "--array", "--me", "--format=%i|%T|%r").Output()
	if err != nil {
		return nil, explain("squeue", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSpace(line), "|")
		if len(fields) != 3 {
			return nil, fmt.Errorf("squeue printed %q, not a job, its state and the reason", line)
		}
		queued[fields[0]] = entry{fields[1], fields[2]}
	}
	return queued, nil
}

// An entry is what squeue says of a task.
type entry struct{ state, reason string }

// Passphrase is the environment variable that opens a secret key.
const Passphrase = "GENOVEIL_PASSPHRASE"

// command is a program of Slurm, which does not see the passphrase: sbatch keeps its
// environment with the job and gives it to every task, wherever that runs.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, Passphrase+"=") })
	return c
}

// noSlurm says that a program of Slurm is not there.
type noSlurm struct{ program string }

func (e noSlurm) Error() string {
	return fmt.Sprintf("%s is missing here; run this on a machine that submits to Slurm, or see 'Without Slurm' in docs/cluster.md", e.program)
}

func (noSlurm) Unwrap() error { return exec.ErrNotFound }

// explain says what a program of Slurm printed.
func explain(program string, err error) error {
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return noSlurm{program}
	case errors.As(err, &exit):
		return fmt.Errorf("%s: %s", program, bytes.TrimSpace(exit.Stderr))
	}
	return fmt.Errorf("%s: %w", program, err)
}
