package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline"
	"genoveil/pipeline/sizing"
	"genoveil/pipeline/slurm"
)

// submitFlags say how a command is cut into tasks.
type submitFlags struct {
	shards, cpus, gpus int
	memory, limit      string
	name               string
	dryRun             bool
}

// A shardable is a command that takes --shard: its flags, once they are parsed.
type shardable interface {
	command() *cobra.Command
	// rehearse does what a task does before it computes, so that nothing fails after hours in a queue.
	rehearse(cmd *cobra.Command, log *slog.Logger) error
}

// A submittable is a command that can be submitted.
type submittable struct {
	new    func() shardable
	words  []string // as they are typed
	suffix string   // of what its shards write
	owned  []string // flags that belong to the tasks
}

var submittables = []submittable{
	{func() shardable { return new(cohortFlags) }, []string{"encrypt", "genotypes"}, "", []string{"shard", "threads", "out", "record"}},
	{func() shardable { return new(runFlags) }, []string{"run"}, ".sums", []string{"shard", "threads", "out", "record", "memory"}},
	{func() shardable { return new(scoreFlags) }, []string{"score"}, ".scores", []string{"shard", "threads", "out", "record", "run-key"}},
}

func newSubmit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "submit COMMAND [its flags] [--shards N] [--cpus N] [--task-memory SIZE] [--time H:MM:SS] [-- SBATCH OPTIONS]",
		Short: "Run a command on a Slurm cluster, in shards",
		Long: `Runs 'encrypt genotypes', 'run' or 'score' as an array of Slurm jobs, one shard of
the data each, and merges what they wrote. Type the command as usual, with 'submit' before it:

  genoveil submit run --cohort cohort --traits case.traits \
      --eval-key eval.key -o case.sums --shards 8 --cpus 16 \
      --task-memory 16GB --time 2:00:00 -- --partition=long

The scripts, logs and a record of every task stand in OUT.slurm. --dry-run writes the
scripts to standard output and does nothing else. A task that is interrupted goes back
into the queue and continues from its last checkpoint. docs/cluster.md has more.`,
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
	for _, s := range submittables {
		parent := cmd
		if len(s.words) > 1 {
			parent = encrypt
		}
		parent.AddCommand(newSubmitted(s))
	}
	return cmd
}

// refuseSubmission says what can be submitted.
func refuseSubmission(cmd *cobra.Command, args []string) error {
	var all []string
	for _, s := range submittables {
		all = append(all, strings.Join(s.words, " "))
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

// newSubmitted is 'submit COMMAND': the flags of the command and those of a job.
func newSubmitted(s submittable) *cobra.Command {
	var job submitFlags
	command := s.new()
	inner := command.command()
	cmd := &cobra.Command{
		Use:         inner.Use + " [-- SBATCH OPTIONS]",
		Short:       inner.Short,
		Annotations: inner.Annotations,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := cmd.ArgsLenAtDash(); n > 0 || n < 0 && len(args) > 0 {
				return usagef("unexpected argument %q; options of sbatch come after --", args[0])
			}
			return nil
		},
	}
	inner.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "out" || !slices.Contains(s.owned, f.Name) {
			cmd.Flags().AddFlag(f)
		}
	})
	f := cmd.Flags()
	f.IntVar(&job.shards, "shards", 0, "number of tasks (from size, memory and time unless given)")
	f.IntVar(&job.cpus, "cpus", 4, "processors of a task")
	f.StringVar(&job.memory, "task-memory", "8GB", "memory of a task")
	f.StringVar(&job.limit, "time", "4:00:00", "time limit of a task, H:MM:SS")
	f.IntVar(&job.gpus, "gpus-per-task", 0, "GPUs of a task")
	f.StringVar(&job.name, "name", "", "name of the job (that of the output unless given)")
	f.BoolVar(&job.dryRun, "dry-run", false, "print the scripts and submit nothing")
	cmd.RunE = func(cmd *cobra.Command, options []string) error {
		for _, name := range required(inner) {
			if !cmd.Flags().Changed(name) {
				return usagef("--%s is required", name)
			}
		}
		return job.submit(cmd, command, s, options)
	}
	return cmd
}

// submit writes the job's scripts and submits them.
func (f *submitFlags) submit(cmd *cobra.Command, command shardable, s submittable, options []string) error {
	log := newLog(cmd)
	memory, err := parseBytes(f.memory)
	if err != nil {
		return usageError{err}
	}
	limit, err := parseLimit(f.limit)
	switch {
	case err != nil:
		return usageError{err}
	case f.cpus < 1 || f.shards < 0 || f.gpus < 0:
		return usagef("--cpus takes a number from 1 up, --shards and --gpus-per-task from 0 up")
	case memory < 1e9:
		return usagef("--task-memory takes at least 1GB")
	}
	if f.shards > 0 {
		if _, err := pipeline.ParseShard(fmt.Sprintf("1/%d", f.shards)); err != nil {
			return usageError{err}
		}
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	out, _ := cmd.Flags().GetString("out")
	if strings.ContainsAny(out, " \t\n%\"'\\#") {
		return usagef("--out %q: Slurm takes names of files without blanks, quotes and %%", out)
	}
	job := &slurm.Job{
		Program: program, Command: slices.Clone(s.words), Output: out, Suffix: s.suffix, Name: f.name,
		CPUs: f.cpus, Memory: memory, Minutes: int(limit.Minutes()), GPUs: f.gpus, Options: options,
	}
	if job.Name == "" {
		job.Name = filepath.Base(out)
	}
	ours := []string{"shards", "cpus", "task-memory", "time", "gpus-per-task", "name", "dry-run", "out", "log"}
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if slices.Contains(ours, flag.Name) {
			return
		}
		if values, ok := flag.Value.(pflag.SliceValue); ok {
			for _, v := range values.GetSlice() {
				job.Command = append(job.Command, "--"+flag.Name, v)
			}
			return
		}
		if flag.Value.Type() == "bool" {
			job.Command = append(job.Command, "--"+flag.Name+"="+flag.Value.String())
			return
		}
		job.Command = append(job.Command, "--"+flag.Name, flag.Value.String())
	})
	if err := rehearse(cmd, command, log); err != nil {
		return err
	}
	if job.Shards = f.shards; job.Shards == 0 {
		if job.Shards, err = f.suggest(cmd, s, float64(memory), limit); err != nil {
			return err
		}
	}
	switch {
	case s.suffix == ".scores" && !cmd.Flags().Changed("encrypted-model"):
		job.Command = append(job.Command, "--run-key", filepath.Join(job.Dir(), "run.key"))
	case s.suffix == ".sums" && f.gpus == 0: // with GPUs it is their memory that counts
		job.Command = append(job.Command, "--memory", fmt.Sprintf("%.0fMB", sizing.RunMemory(float64(memory), f.cpus)/1e6))
	}
	if _, missing := findProgram(); f.gpus > 0 && cmd.Flags().Lookup("device").Value.String() == cpuDevice {
		log.Warn(fmt.Sprintf("'%s' computes on processors unless --device says cuda or auto; the GPUs would be idle", strings.Join(s.words, " ")))
	} else if f.gpus > 0 && missing != nil {
		log.Warn(fmt.Sprintf("the GPUs would be idle: %v", missing))
	}
	if f.dryRun {
		for _, script := range job.Scripts() {
			fmt.Fprintf(cmd.OutOrStdout(), "# %s\n%s\n", filepath.Join(job.Dir(), script.Name), script.Text)
		}
		return nil
	}
	if err := job.Create(); err != nil {
		return err
	}
	if _, err := job.Submit(cmd.Context()); err != nil && len(job.Submitted) == 0 {
		return errors.Join(err, os.RemoveAll(job.Dir()))
	} else if err != nil {
		return halfSubmitted{fmt.Errorf("%w; 'genoveil resume %s' submits the rest", err, job.Dir())}
	}
	if job.OpensKey() && os.Getenv(passphraseVariable) != "" {
		log.Warn("sbatch keeps the environment with the job, " + passphraseVariable + " too; set it in a file that the script reads, if others see the spool directory")
	}
	var ids []string
	for _, sub := range job.Submitted {
		ids = append(ids, sub.ID)
	}
	log.Info(fmt.Sprintf("submitted %s as job %s; 'genoveil status %s' shows how far it is", count(job.Shards, "shard"), strings.Join(ids, ", "), job.Dir()),
		"shards", job.Shards, "jobs", ids, "dir", job.Dir())
	return nil
}

// halfSubmitted says that some of the jobs are in the queue. The same command would not
// submit the rest, be it interrupted or not.
type halfSubmitted struct{ error }

// rehearse opens what a task will open.
func rehearse(cmd *cobra.Command, command shardable, log *slog.Logger) error {
	if vcf, _ := cmd.Flags().GetString("vcf"); vcf == "-" {
		return usagef("a task has no standard input; give a file in place of --vcf -")
	}
	if keys, err := cmd.Flags().GetString("keys"); err == nil {
		_, err := pipeline.LoadSecretKey(filepath.Join(keys, secretName), func() (string, error) {
			if phrase, ok := os.LookupEnv(passphraseVariable); ok {
				return phrase, nil
			}
			return "", fmt.Errorf("the key has a passphrase and tasks have no terminal to ask for it; set %s, which sbatch hands on to them", passphraseVariable)
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return command.rehearse(cmd, log)
}

// suggest is the number of shards by size, memory and time.
func (f *submitFlags) suggest(cmd *cobra.Command, s submittable, memory float64, limit time.Duration) (int, error) {
	if s.suffix == "" {
		return 0, usagef("--shards is required: how many variants the input has is only known at its end")
	}
	rates, _, err := sizing.Kept()
	if err != nil {
		return 0, err
	}
	dir, _ := cmd.Flags().GetString("cohort")
	if s.suffix == ".scores" {
		cohort, err := pipeline.OpenCohort(dir, pipeline.Score, pipeline.PrivateModel)
		if err != nil {
			return 0, err
		}
		study := sizing.Study{Params: cohort.Params, Samples: cohort.Samples, Variants: len(cohort.Blocks) * cohort.Params.N(), Planes: cohort.Planes()}
		return rates.Cut(func(n int) sizing.Load { return rates.Score(&study, n) }, f.cpus, limit, study.Tiles()).Shards, nil
	}
	traits, _ := cmd.Flags().GetString("traits")
	study, err := studyOf(dir, traits)
	if err != nil {
		return 0, err
	}
	run := func(n int) sizing.Load { return rates.Run(study, n, sizing.RunMemory(memory, f.cpus)) }
	return rates.Cut(run, f.cpus, limit, study.Chunks()).Shards, nil
}

// parseLimit reads a time limit.
func parseLimit(text string) (time.Duration, error) {
	var h, m, s int
	if n, err := fmt.Sscanf(text, "%d:%02d:%02d", &h, &m, &s); err != nil || n != 3 || h < 0 || m < 0 || m > 59 || s < 0 || s > 59 || fmt.Sprintf("%d:%02d:%02d", h, m, s) != text {
		return 0, fmt.Errorf("%q is not a time such as 4:00:00", text)
	}
	d := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(s)*time.Second
	if d < 10*time.Minute {
		return 0, fmt.Errorf("%q is less than ten minutes, of which a task needs some to start and to save what it has", text)
	}
	return d, nil
}
