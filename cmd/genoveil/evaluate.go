package main

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
	"genoveil/pipeline/sizing"
)

// runFlags say what to evaluate, and how.
type runFlags struct {
	cohort, traits, key, out string
	shardText, memoryText    string
	device                   string
	threads                  int
	checkpointEvery          time.Duration

	shard  pipeline.Shard // as check read them
	memory int64
}

func newRun() *cobra.Command { return new(runFlags).command() }

func (o *runFlags) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run --cohort DIR --traits FILE --eval-key FILE -o FILE",
		Short: "Evaluate encrypted traits on an encrypted cohort (compute site)",
		Long: `Computes the sums of a query on ciphertexts. It needs no secret key.

With --shard i/n it takes only the i-th of n parts of the samples; 'genoveil merge'
adds the parts. The result is the same whatever the shards, threads and memory.

What is done is saved in FILE.checkpoint every few minutes, and when the run is
interrupted (Ctrl-C, SIGTERM, SIGUSR1); it then ends with exit code 75. The same
command continues, and the file is the same as if nothing had happened. A run that
was killed, or whose disk was full, continues from the last checkpoint.

With --device auto all GPUs that there are are used ('genoveil devices' lists them);
if one fails, the run continues on processors. The file is the same to the byte.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := o.check(); err != nil {
			return err
		}
		if err := place(cmd, log, o.device); err != nil {
			return err
		}
		job, err := o.open(cmd, log)
		if err != nil {
			return err
		}
		defer job.Traits.Close()
		if err := begin(cmd); err != nil {
			return err
		}
		log.Info(fmt.Sprintf("%s, %s, %s; shard %s on %s", count(job.Cohort.Samples, "sample"), count(len(job.Cohort.Blocks), "block"), count(job.Traits.Columns, "column"), o.shardText, count(o.threads, "thread")),
			"samples", job.Cohort.Samples, "blocks", len(job.Cohort.Blocks), "columns", job.Traits.Columns, "shard", o.shardText, "threads", o.threads)
		progress, finish := newProgress(cmd, log, "chunks")
		job.Progress = progress
		err = onDevice(cmd, log, o.device, func(device string) (err error) {
			if job.Engine, err = newEngine(log, device, job.Keys, o.threads); err != nil {
				return err
			}
			job.Memory = o.memory
			if own, ok := job.Engine.(interface{ Memory() int64 }); ok && !cmd.Flags().Changed("memory") {
				job.Memory = own.Memory()
			}
			if device == cpuDevice {
				// An eighth is for chunks (pipeline.RunJob), which are the file system's pages.
				limitMemory(sizing.TaskMemory(float64(o.memory), o.threads) - float64(o.memory)/8)
			}
			return job.Run(cmd.Context())
		})
		if full := interface{ Full() bool }(nil); errors.As(err, &full) && full.Full() {
			err = fmt.Errorf("%w; a smaller --memory takes less of it", err)
		}
		finish()
		if err != nil {
			return err
		}
		log.Info("wrote " + o.out)
		describe(cmd, o.shardText, o.threads, job.Genotypes())
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&o.cohort, "cohort", "", "cohort directory")
	f.StringVar(&o.traits, "traits", "", "encrypted traits")
	f.StringVar(&o.key, "eval-key", "", "evaluation keys of keygen; eval.key, or eval-dosage.key for dosages")
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE` of encrypted sums")
	f.StringVar(&o.shardText, "shard", "1/1", "part i/n of the work; of the samples")
	f.DurationVar(&o.checkpointEvery, "checkpoint-every", 5*time.Minute, "time between checkpoints, from which an interrupted run continues")
	f.StringVar(&o.memoryText, "memory", "2GB", "memory to compute in; for columns, running sums and chunks, more of them at a time with more (on GPUs what they have)")
	threadsFlag(cmd, &o.threads)
	deviceFlag(cmd, &o.device, autoDevice)
	require(cmd, "cohort", "traits", "eval-key", "out")
	return cmd
}

// check refuses flags that make no sense, whatever the files.
func (o *runFlags) check() (err error) {
	if o.shard, err = pipeline.ParseShard(o.shardText); err != nil {
		return usageError{err}
	}
	if o.memory, err = parseBytes(o.memoryText); err != nil {
		return usageError{err}
	}
	if o.checkpointEvery <= 0 {
		return usagef("--checkpoint-every takes a time such as 5m, not %v", o.checkpointEvery)
	}
	return checkDevice(o.device)
}

// open opens the files, and refuses what does not belong together.
func (o *runFlags) open(cmd *cobra.Command, log *slog.Logger) (*pipeline.RunJob, error) {
	// What a run left that was killed is not deleted here: it may continue.
	if err := checkOutputs(cmd, []string{o.out}, append(cohortInputs(o.cohort, o.out), o.traits, o.key)); err != nil {
		return nil, err
	}
	keys, err := pipeline.LoadEvaluationKeys(o.key)
	if err != nil {
		return nil, err
	}
	cohort, err := pipeline.OpenCohort(o.cohort, pipeline.GWAS)
	if err != nil {
		return nil, err
	}
	traits, err := pipeline.OpenTraits(o.traits)
	if err != nil {
		return nil, err
	}
	job := &pipeline.RunJob{
		Cohort: cohort, Traits: traits, Keys: keys, Shard: o.shard, Path: o.out,
		Threads: o.threads, Memory: o.memory,
		CheckpointEvery: o.checkpointEvery, Log: log,
	}
	if err := job.Check(); err != nil {
		traits.Close()
		return nil, err
	}
	return job, nil
}

// rehearse does what a task does before it computes.
func (o *runFlags) rehearse(cmd *cobra.Command, log *slog.Logger) error {
	if err := o.check(); err != nil {
		return err
	}
	job, err := o.open(cmd, log)
	if err != nil {
		return err
	}
	return job.Traits.Close()
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

func newMerge() *cobra.Command {
	var out, memoryText string
	var complete bool
	var threads int
	cmd := &cobra.Command{
		Use:   "merge FILE… -o FILE",
		Short: "Add the encrypted sums of shards, or join their scores",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("give the .sums files to merge")
			}
			return nil
		},
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		log := newLog(cmd)
		memory, err := parseBytes(memoryText)
		if err != nil {
			return usageError{err}
		}
		if err := claim(cmd, []string{out}, args); err != nil {
			return err
		}
		progress, finish := newProgress(cmd, log, "files")
		job := pipeline.MergeJob{Paths: args, Path: out, Complete: complete, Threads: threads, Memory: memory, Progress: progress}
		merged, err := job.Run(cmd.Context())
		finish()
		if err != nil {
			return err
		}
		n := merged.Parts.Count()
		log.Info(fmt.Sprintf("%s holds %d of %d samples", out, n, merged.Samples), "samples", n, "of", merged.Samples)
		return nil
	}
	f := cmd.Flags()
	f.StringVarP(&out, "out", "o", "", "output; `FILE` of encrypted sums")
	f.BoolVar(&complete, "complete", false, "refuse unless every sample is there, and name what is missing")
	f.StringVar(&memoryText, "memory", "2GB", "memory to compute in; the files are read once for each time it is filled")
	threadsFlag(cmd, &threads)
	require(cmd, "out")
	return cmd
}

var bytesPattern = regexp.MustCompile(`^([0-9]+)\s*([kKmMgGtT]?)[bB]?$`)

// parseBytes reads sizes such as 500M, 2GB or 1000000.
func parseBytes(text string) (int64, error) {
	m := bytesPattern.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not a size such as 500MB or 2GB", text)
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	factor := map[string]int64{"": 1, "k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "g": 1e9, "G": 1e9, "t": 1e12, "T": 1e12}[m[2]]
	if err != nil || n > math.MaxInt64/factor {
		return 0, fmt.Errorf("%q is too large", text)
	}
	return n * factor, nil
}
