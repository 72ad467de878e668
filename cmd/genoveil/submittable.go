package main

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/slurm"
)

// A shardable is a command that takes --shard: its flags, once they are parsed.
type shardable interface {
	command(*session) *cobra.Command
	check(*pflag.FlagSet) error
	// rehearse does what a task does before it computes, so that nothing fails after hours in a queue.
	rehearse(context.Context, *session) error
	// shards is how many tasks make the work fit their time.
	shards(task) (int, error)
	// taskArgs are what every task is given beyond what was typed.
	taskArgs(*slurm.Job) []string
	output() string
	on() string
}

// A submittable is a command that can be submitted.
type submittable struct {
	new    func() shardable
	words  []string // as they are typed
	suffix string   // of what its shards write
	owned  []string // flags that belong to the tasks
}

func (w submittable) name() string { return strings.Join(w.words, " ") }

var submittables = []submittable{
	{func() shardable { return new(cohortFlags) }, []string{"encrypt", "genotypes"}, "", []string{"shard", "threads", "out", "record"}},
	{func() shardable { return new(runFlags) }, []string{"run"}, ".sums", []string{"shard", "threads", "out", "record", "memory"}},
	{func() shardable { return new(scoreFlags) }, []string{"score"}, ".scores", []string{"shard", "threads", "out", "record", "run-key"}},
}

// refuseSubmission says what can be submitted.
func refuseSubmission(cmd *cobra.Command, args []string) error {
	var all []string
	for _, what := range submittables {
		all = append(all, what.name())
	}
	list := strings.Join(all[:len(all)-1], ", ") + " or " + all[len(all)-1]
	if n := cmd.ArgsLenAtDash(); n >= 0 {
		args = args[:n]
	}
	words := append(strings.Fields(cmd.CommandPath())[2:], args[:min(len(args), 1)]...)
	switch {
	case len(words) == 0:
		return usagef("say what to submit: %s", list)
	case words[0] == "encrypt-genotypes":
		return usagef("'submit %s' is now 'submit encrypt genotypes'", words[0])
	}
	return usagef("'%s' cannot be submitted; choose %s", strings.Join(words, " "), list)
}

// typed is the command line of a command's flags, but for those of the job.
func typed(f *pflag.FlagSet, job *pflag.FlagSet) (args []string) {
	f.Visit(func(flag *pflag.Flag) {
		if job.Lookup(flag.Name) != nil || slices.Contains([]string{"out", "log"}, flag.Name) {
			return
		}
		if flag.Value.Type() == "bool" {
			args = append(args, "--"+flag.Name+"="+flag.Value.String())
			return
		}
		for _, v := range valuesOf(flag) {
			args = append(args, "--"+flag.Name, v)
		}
	})
	return args
}

func valuesOf(flag *pflag.Flag) []string {
	if values, ok := flag.Value.(pflag.SliceValue); ok {
		return values.GetSlice()
	}
	return []string{flag.Value.String()}
}

// refusePipes refuses inputs that a task, which runs later and elsewhere, cannot read.
func refusePipes(f *pflag.FlagSet) (err error) {
	f.Visit(func(flag *pflag.Flag) {
		for _, path := range valuesOf(flag) {
			if err == nil {
				err = refusePipe("--"+flag.Name+" "+path, path)
			}
		}
	})
	return err
}

func refusePipe(what, path string) error {
	if path == "-" {
		return usagef("a task has no standard input; give a file instead of %s", what)
	}
	const openFiles = os.ModeNamedPipe | os.ModeSocket | os.ModeCharDevice
	info, err := os.Stat(path)
	if err == nil && (info.Mode()&openFiles != 0 || strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/")) {
		return usagef("a task cannot read from a pipe; give a file instead of %s", what)
	}
	return nil
}
