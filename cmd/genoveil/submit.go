package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/format"
	"genoveil/pipeline/slurm"
)

// submitFlags say how a command is cut into tasks.
type submitFlags struct {
	count, cpus, gpus     int
	memoryText, limitText string
	name                  string
	dryRun                bool

	task task // as check read it
}

func newSubmit(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "submit COMMAND [its flags] [--shards N] [--cpus N] [--task-memory SIZE] [--time H:MM:SS] [-- SBATCH OPTIONS]",
		Short: "Run a command on a Slurm cluster, in shards",
		Long: `Runs 'encrypt genotypes', 'run' or 'score' as an array of Slurm jobs, one for each shard
of the data, and merges the results. Type the command as usual, with 'submit' before it:

  genoveil submit run --cohort cohort --traits case.traits \
      --eval-key eval.key -o case.sums --shards 8 --cpus 16 \
      --task-memory 16GB --time 2:00:00 -- --partition=long

The directory OUT.slurm holds the scripts, the logs and a record of every task.
--dry-run prints the scripts and does nothing else. An interrupted task goes back into
the queue and continues from its last checkpoint. docs/cluster.md has more.`,
	}
	encrypt := &cobra.Command{
		Use:   "encrypt genotypes [its flags] [-- SBATCH OPTIONS]",
		Short: "Encrypt genotypes in shards",
	}
	for _, parent := range []*cobra.Command{cmd, encrypt} {
		parent.Args = cobra.ArbitraryArgs
		parent.RunE = refuseSubmission
		parent.FParseErrWhitelist.UnknownFlags = true // what they belong to is wrong first
	}
	cmd.AddCommand(encrypt)
	for _, what := range submittables {
		parent := cmd
		if len(what.words) > 1 {
			parent = encrypt
		}
		parent.AddCommand(newSubmitted(s, what))
	}
	return cmd
}

// newSubmitted is 'submit COMMAND': the flags of the command and those of a job.
func newSubmitted(s *session, what submittable) *cobra.Command {
	o, command := new(submitFlags), what.new()
	inner := command.command(s)
	cmd := &cobra.Command{
		Use:   inner.Use + " [-- SBATCH OPTIONS]",
		Short: inner.Short,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n > 0 || n < 0 && len(args) > 0 {
				return usagef("unexpected argument %q%s; options of sbatch come after --", args[0], belongsTo(cmd.Flags(), args[0]))
			}
			return nil
		},
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return command.check(cmd.Flags())
		},
	}
	job := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.register(job)
	cmd.RunE = func(cmd *cobra.Command, options []string) error {
		if err := refusePipes(cmd.Flags()); err != nil {
			return err
		}
		words := append(slices.Clone(what.words), typed(cmd.Flags(), job)...)
		return o.run(cmd.Context(), s, what, command, &slurm.Job{Command: words, Suffix: what.suffix, Options: options})
	}
	inner.Flags().SortFlags = false
	inner.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "out" || !slices.Contains(what.owned, f.Name) {
			cmd.Flags().AddFlag(f)
		}
	})
	cmd.Flags().AddFlagSet(job)
	return cmd
}

func (o *submitFlags) register(f *pflag.FlagSet) {
	f.IntVar(&o.count, "shards", 0, "number of tasks (default: from size, memory and time)")
	f.IntVar(&o.cpus, "cpus", 4, "processors of a task")
	f.StringVar(&o.memoryText, "task-memory", "8GB", "memory of a task")
	f.StringVar(&o.limitText, "time", "4:00:00", "time limit of a task, H:MM:SS")
	f.IntVar(&o.gpus, "gpus-per-task", 0, "GPUs of a task")
	f.StringVar(&o.name, "name", "", "name of the job (default: the name of the output)")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the scripts and submit nothing")
}

func (o *submitFlags) check() error {
	memory, err := parseBytes(o.memoryText)
	if err != nil {
		return usageError{err}
	}
	limit, err := parseLimit(o.limitText)
	switch {
	case err != nil:
		return usageError{err}
	case o.cpus < 1 || o.count < 0 || o.gpus < 0:
		return usagef("--cpus takes a number of 1 or more, --shards and --gpus-per-task of 0 or more")
	case memory < 1e9:
		return usagef("--task-memory takes at least 1GB")
	}
	if o.count > 0 {
		if _, err := format.ParseShard(fmt.Sprintf("1/%d", o.count)); err != nil {
			return usageError{err}
		}
	}
	o.task = task{o.cpus, float64(memory), limit}
	return nil
}

// run writes the job's scripts and submits them.
func (o *submitFlags) run(ctx context.Context, s *session, what submittable, command shardable, job *slurm.Job) error {
	if err := o.describe(job, command.output()); err != nil {
		return err
	}
	if err := command.rehearse(ctx, s); err != nil {
		return err
	}
	var err error
	if job.Shards = o.count; job.Shards == 0 {
		if job.Shards, err = command.shards(o.task); err != nil {
			return err
		}
	}
	job.Command = append(job.Command, command.taskArgs(job)...)
	if _, missing := findProgram(); o.gpus > 0 && command.on() == cpuDevice {
		s.log.Warn(fmt.Sprintf("'%s' computes on processors unless --device says cuda or auto; the GPUs would be idle", what.name()))
	} else if o.gpus > 0 && missing != nil {
		s.log.Warn(fmt.Sprintf("the GPUs would be idle: %v", missing))
	}
	if !o.dryRun {
		return submit(ctx, s, job)
	}
	for _, script := range job.Scripts() {
		fmt.Fprintf(s.stdout, "# %s\n%s\n", filepath.Join(job.Dir(), script.Name), script.Text)
	}
	return nil
}

// describe says what the tasks of a job have.
func (o *submitFlags) describe(job *slurm.Job, out string) (err error) {
	if job.Program, err = os.Executable(); err != nil {
		return err
	}
	if strings.ContainsAny(out, " \t\n%\"'\\#") {
		return usagef("--out %q: Slurm takes file names without blanks, quotes or %%", out)
	}
	job.Output, job.Name = out, o.name
	if job.Name == "" {
		job.Name = filepath.Base(out)
	}
	job.CPUs, job.Memory, job.Minutes, job.GPUs = o.task.cpus, int64(o.task.memory), int(o.task.limit.Minutes()), o.gpus
	return nil
}

// submit hands a job to Slurm.
func submit(ctx context.Context, s *session, job *slurm.Job) error {
	if err := job.Create(); err != nil {
		return err
	}
	if _, err := job.Submit(ctx); err != nil && len(job.Submitted) == 0 {
		return errors.Join(err, os.RemoveAll(job.Dir()))
	} else if err != nil {
		return halfSubmitted{fmt.Errorf("%w; 'genoveil resume %s' submits the rest", err, job.Dir())}
	}
	if job.OpensKey() && os.Getenv(passphraseVariable) != "" {
		s.log.Warn("sbatch keeps the environment with the job, " + passphraseVariable + " too; set it in a file that the script reads, if others see the spool directory")
	}
	var ids []string
	for _, sub := range job.Submitted {
		ids = append(ids, sub.ID)
	}
	s.log.Info(fmt.Sprintf("submitted %s as job %s; 'genoveil status %s' shows its progress", count(job.Shards, "shard"), strings.Join(ids, ", "), job.Dir()),
		"shards", job.Shards, "jobs", ids, "dir", job.Dir())
	return nil
}

// halfSubmitted says that some of the jobs are in the queue. The same command would not
// submit the rest, be it interrupted or not.
type halfSubmitted struct{ error }
