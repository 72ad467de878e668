package main

import (
	"errors"
	"fmt"
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

func newRun() *cobra.Command {
	var cohortDir, traitsPath, keyPath, out, shardText, memoryText, device string
	var threads int
	var checkpointEvery time.Duration
	cmd := &cobra.Command{
		Use:   "run --cohort DIR --traits FILE --eval-key FILE -o FILE.sums",
		Short: "Evaluate encrypted traits on an encrypted cohort (compute site)",
		Long: `Computes the sums of a query on ciphertexts. It needs no secret key.

With --shard i/n it takes only the i-th of n parts of the samples; 'genoveil merge'
adds the parts. The result is the same whatever the shards, threads and memory.

What is done is saved in FILE.sums.checkpoint every few minutes, and when the run is
interrupted (Ctrl-C, SIGTERM, SIGUSR1); it then ends with exit code 75. The same
command continues, and the file is the same as if nothing had happened. A run that
was killed, or whose disk was full, continues from the last checkpoint.

With --device auto all GPUs that there are are used ('genoveil devices' lists them);
if one fails, the run continues on processors. The file is the same to the byte.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		shard, err := pipeline.ParseShard(shardText)
		if err != nil {
			return usageError{err}
		}
		memory, err := parseBytes(memoryText)
		if err != nil {
			return usageError{err}
		}
		if checkpointEvery <= 0 {
			return usagef("--checkpoint-every takes a time such as 5m, not %v", checkpointEvery)
		}
		if err := place(cmd, log, device); err != nil {
			return err
		}
		// What a run left that was killed is not deleted here: it may continue.
		if err := checkOutputs(cmd, []string{out}, append(cohortInputs(cohortDir, out), traitsPath, keyPath)); err != nil {
			return err
		}
		keys, err := pipeline.LoadEvaluationKeys(keyPath)
		if err != nil {
			return err
		}
		cohort, err := pipeline.OpenCohort(cohortDir, pipeline.GWAS)
		if err != nil {
			return err
		}
		traits, err := pipeline.OpenTraits(traitsPath)
		if err != nil {
			return err
		}
		defer traits.Close()
		job := pipeline.RunJob{
			Cohort: cohort, Traits: traits, Keys: keys, Shard: shard, Path: out,
			Threads: threads, Memory: memory,
			CheckpointEvery: checkpointEvery, Log: log,
		}
		if err := job.Check(); err != nil || onlyChecked(cmd) {
			return err
		}
		log.Info(fmt.Sprintf("%s, %s, %s; shard %s on %s", count(cohort.Samples, "sample"), count(len(cohort.Blocks), "block"), count(traits.Columns, "column"), shardText, count(threads, "thread")),
			"samples", cohort.Samples, "blocks", len(cohort.Blocks), "columns", traits.Columns, "shard", shardText, "threads", threads)
		progress, finish := newProgress(cmd, log, "chunks")
		job.Progress = progress
		err = onDevice(cmd, log, device, func(device string) (err error) {
			if job.Engine, err = newEngine(log, device, keys, threads); err != nil {
				return err
			}
			job.Memory = memory
			if own, ok := job.Engine.(interface{ Memory() int64 }); ok && !cmd.Flags().Changed("memory") {
				job.Memory = own.Memory()
			}
			if device == cpuDevice {
				// An eighth is for chunks (pipeline.RunJob), which are the file system's pages.
				limitMemory(sizing.TaskMemory(float64(memory), threads) - float64(memory)/8)
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
		log.Info("wrote " + out)
		describe(cmd, shardText, threads, job.Genotypes())
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&cohortDir, "cohort", "", "cohort directory")
	f.StringVar(&traitsPath, "traits", "", "encrypted traits")
	f.StringVar(&keyPath, "eval-key", "", "evaluation keys")
	f.StringVarP(&out, "out", "o", "", "file for the encrypted sums")
	f.StringVar(&shardText, "shard", "1/1", "part i/n of the samples")
	f.DurationVar(&checkpointEvery, "checkpoint-every", 5*time.Minute, "time between checkpoints, from which an interrupted run continues")
	f.StringVar(&memoryText, "memory", "2GB", "memory for columns, running sums and chunks; more of them at a time with more (on GPUs what they have)")
	threadsFlag(cmd, &threads)
	deviceFlag(cmd, &device, autoDevice)
	require(cmd, "cohort", "traits", "eval-key", "out")
	return cmd
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
		Use:   "merge A.sums B.sums … -o ALL.sums",
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
		parts, samples, err := job.RunAny(cmd.Context())
		finish()
		if err != nil {
			return err
		}
		n := 0
		for _, p := range parts {
			n += p.To - p.From
		}
		log.Info(fmt.Sprintf("%s holds %d of %d samples", out, n, samples), "samples", n, "of", samples)
		return nil
	}
	f := cmd.Flags()
	f.StringVarP(&out, "out", "o", "", "file for the merged sums")
	f.BoolVar(&complete, "complete", false, "refuse unless every sample is there, and name what is missing")
	f.StringVar(&memoryText, "memory", "2GB", "memory for sums; the files are read once for each time it is filled")
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
