package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/pipeline/format"
	"genoveil/pipeline/site"
	"genoveil/pipeline/sizing"
	"genoveil/pipeline/slurm"
)

// runFlags say what to evaluate, and how.
type runFlags struct {
	taskFlags
	deviceFlags
	cohort, traits, key string
	memoryText          string
	checkpointEvery     time.Duration

	memory int64 // as check read it
	asked  bool  // --memory is given
}

func newRun(s *session) *cobra.Command { return new(runFlags).command(s) }

func (o *runFlags) command(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run --cohort DIR --traits FILE --eval-key FILE -o FILE",
		Short: "Evaluate encrypted traits on an encrypted cohort (compute site)",
		Long: `Computes the sums of a query on ciphertexts. It needs no secret key.

With --shard i/n, it takes only the i-th of n parts of the samples; 'genoveil merge'
adds the parts. The result is the same for any shards, threads and memory.

The run saves its work in FILE.checkpoint every few minutes, and when it is interrupted
(Ctrl-C, SIGTERM, SIGUSR1). It then ends with exit code 75. Give the same command again
to continue; the file is the same as without the interruption. A run that was killed,
or whose disk was full, continues from its last checkpoint.

With --device auto, the run uses all GPUs ('genoveil devices' lists them). If one fails,
the run continues on processors. The file is the same to the byte.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.timed(cmd, s, o.run) },
	}
	o.register(cmd.Flags())
	require(cmd, "cohort", "traits", "eval-key", "out")
	return cmd
}

func (o *runFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.cohort, "cohort", "", "cohort directory")
	f.StringVar(&o.traits, "traits", "", "encrypted traits")
	f.StringVar(&o.key, "eval-key", "", "evaluation keys from keygen; eval.key, or eval-dosage.key for dosages")
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE` of encrypted sums")
	o.shard.register(f, "of the samples")
	f.DurationVar(&o.checkpointEvery, "checkpoint-every", 5*time.Minute, "time between checkpoints; an interrupted run continues from the last")
	f.StringVar(&o.memoryText, "memory", "2GB", "memory to compute in; with more, more columns and sums are computed at a time (GPUs use their own)")
	o.taskFlags.register(f)
	o.deviceFlags.register(f, autoDevice)
}

// check refuses flags that make no sense, whatever the files.
func (o *runFlags) check(f *pflag.FlagSet) (err error) {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	if err := o.shard.check(f); err != nil {
		return err
	}
	if o.memory, err = parseBytes(o.memoryText); err != nil {
		return usageError{err}
	}
	o.asked = f.Changed("memory")
	if o.checkpointEvery <= 0 {
		return usagef("--checkpoint-every takes a time such as 5m, not %v", o.checkpointEvery)
	}
	return o.deviceFlags.check(f)
}

func (o *runFlags) run(ctx context.Context, s *session) error {
	if err := s.place(ctx, &o.deviceFlags); err != nil {
		return err
	}
	job, err := o.open(s)
	if err != nil {
		return err
	}
	defer job.Traits.Close()
	if err := s.begin(o.journal()); err != nil {
		return err
	}
	s.warnReplaced(o.out)
	s.log.Info(fmt.Sprintf("%s, %s, %s; shard %s on %s", count(job.Cohort.Samples, "sample"), count(len(job.Cohort.Blocks), "block"), count(job.Traits.Columns, "column"), o.shard.text, count(o.threads, "thread")),
		"samples", job.Cohort.Samples, "blocks", len(job.Cohort.Blocks), "columns", job.Traits.Columns, "shard", o.shard.text, "threads", o.threads)
	progress, finish := s.progress("chunks")
	job.Progress = progress
	err = s.onDevice(o.device, func(device string) error { return o.evaluate(ctx, s, job, device) })
	finish()
	if full := interface{ Full() bool }(nil); errors.As(err, &full) && full.Full() {
		return fmt.Errorf("%w; a smaller --memory needs less of it", err)
	}
	if err != nil {
		return err
	}
	s.log.Info("wrote " + o.out)
	s.took.Shard, s.took.Threads, s.took.Genotypes = o.shard.text, o.threads, job.Genotypes()
	return nil
}

// evaluate computes on a device.
func (o *runFlags) evaluate(ctx context.Context, s *session, job *site.RunJob, device string) (err error) {
	if job.Engine, err = newEngine(s, device, job.Keys, o.threads); err != nil {
		return err
	}
	job.Memory = o.memory
	if own, ok := job.Engine.(interface{ Memory() int64 }); ok && !o.asked {
		job.Memory = own.Memory()
	}
	if device == cpuDevice {
		// An eighth is for chunks (site.RunJob), which are the file system's pages.
		limitMemory(sizing.TaskMemory(float64(o.memory), o.threads) - float64(o.memory)/8)
	}
	return job.Run(ctx)
}

// open opens the files, and refuses what does not belong together.
func (o *runFlags) open(s *session) (*site.RunJob, error) {
	// What a run left that was killed is not deleted here: it may continue.
	if err := o.checkOutputs([]string{o.out}, append(cohortInputs(o.cohort, o.out), o.traits, o.key)); err != nil {
		return nil, err
	}
	keys, err := format.LoadEvaluationKeys(o.key)
	if err != nil {
		return nil, err
	}
	cohort, err := format.OpenCohort(o.cohort, format.GWAS)
	if err != nil {
		return nil, err
	}
	traits, err := format.OpenTraits(o.traits)
	if err != nil {
		return nil, err
	}
	job := &site.RunJob{
		Cohort: cohort, Traits: traits, Keys: keys, Shard: o.shard.part, Path: o.out,
		Threads: o.threads, Memory: o.memory,
		CheckpointEvery: o.checkpointEvery, Log: s.log,
	}
	if err := job.Check(); err != nil {
		traits.Close()
		return nil, err
	}
	return job, nil
}

// rehearse does what a task does before it computes.
func (o *runFlags) rehearse(_ context.Context, s *session) error {
	job, err := o.open(s)
	if err != nil {
		return err
	}
	return job.Traits.Close()
}

// shards is how many tasks make the work fit their time.
func (o *runFlags) shards(t task) (int, error) {
	rates, _, err := sizing.Kept()
	if err != nil {
		return 0, err
	}
	study, err := studyOf(o.cohort, o.traits)
	if err != nil {
		return 0, err
	}
	run := func(n int) sizing.Load { return rates.Run(study, n, sizing.RunMemory(t.memory, t.cpus)) }
	return rates.Cut(run, t.cpus, t.limit, study.Chunks()).Shards, nil
}

// taskArgs gives a task the memory that is left to compute in. With GPUs it is theirs.
func (o *runFlags) taskArgs(job *slurm.Job) []string {
	if job.GPUs > 0 {
		return nil
	}
	return []string{"--memory", fmt.Sprintf("%.0fMB", sizing.RunMemory(float64(job.Memory), job.CPUs)/1e6)}
}

// limitMemory has garbage collected before the program takes more than a scheduler was
// told. Without it, running sums of one group were kept while those of the next
// were made: 1.1 GB with --memory 500MB, where 0.8 are asked for. The rest is for what the
// runtime does not count.
func limitMemory(task float64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(task - 30e6))
	}
}
