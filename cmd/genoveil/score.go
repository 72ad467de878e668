package main

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"genoveil/genomics/panel"
	"genoveil/pipeline"
)

// scoreFlags say what to score, and how.
type scoreFlags struct {
	weights                        weightFlags
	cohort, model, key, panel, out string
	shardText, runKey, ledger      string
	device                         string
	maxAnswers, threads            int
	every                          time.Duration

	shard pipeline.Shard // as check read it
}

func newScore() *cobra.Command { return new(scoreFlags).command() }

func (o *scoreFlags) command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "score --cohort DIR (--panel FILE --weights FILE… | --encrypted-model FILE) --eval-key FILE -o FILE",
		Short: "Evaluate a model on an encrypted cohort (model's owner)",
		Long: `Computes polygenic scores on ciphertexts: the server learns no genotype, and the
client, who decrypts the scores, no weight but through them. docs/scoring.md says
what each side learns.

--weights takes PGS Catalog scoring files and PLINK --score tables; several files, or
several columns, are several scores. --panel is the list of variants that the cohort
was encrypted for. --encrypted-model takes a model that is encrypted, too ('genoveil encrypt
model'), for a cohort that was encrypted --for private-model.

Answers for as many samples as there are weights determine the weights. --max-answers
refuses to answer for more samples than that, in all runs that share a --ledger. The
ledger counts replies, too: the same weights answer the same samples 64 times at most.

Interrupted, it leaves FILE.checkpoint, from which the same command continues
(exit code 75). Never give a checkpoint away: its answers are not flooded.

With --shard i/n it takes only the i-th of n parts of the samples (of whole tiles of
8192); shards of one run share a --run-key, which the first of them makes, and
'genoveil merge' joins their answers.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := o.check(cmd); err != nil {
			return err
		}
		if err := place(cmd, log, o.device); err != nil {
			return err
		}
		job, release, err := o.open(cmd, log)
		if err != nil {
			return err
		}
		defer release()
		if err := begin(cmd); err != nil {
			return err
		}
		return runScore(cmd, log, job, o.threads, o.device)
	}
	f := cmd.Flags()
	f.StringVar(&o.cohort, "cohort", "", "cohort directory")
	o.weights.register(f)
	f.StringVar(&o.panel, "panel", "", "list of the cohort's variants, of 'genoveil panel'; goes with --weights")
	f.StringVar(&o.model, "encrypted-model", "", "encrypted model, in place of --weights")
	f.StringVar(&o.key, "eval-key", "", "evaluation keys of keygen; eval-score.key, or eval-score-dosage.key")
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE` of encrypted scores")
	f.IntVar(&o.maxAnswers, "max-answers", 0, "samples to answer for at most, in all runs that share the ledger")
	f.StringVar(&o.ledger, "ledger", "", "file that counts the samples answered and the replies")
	f.DurationVar(&o.every, "checkpoint-every", 5*time.Minute, "time between checkpoints, from which an interrupted run continues")
	f.StringVar(&o.shardText, "shard", "1/1", "part i/n of the work; of the samples")
	f.StringVar(&o.runKey, "run-key", "", "file with a key that shards share and the client must not see")
	threadsFlag(cmd, &o.threads)
	deviceFlag(cmd, &o.device, autoDevice)
	require(cmd, "cohort", "eval-key", "out")
	return cmd
}

// check refuses flags that make no sense, whatever the files.
func (o *scoreFlags) check(cmd *cobra.Command) (err error) {
	if err := o.weights.check(cmd.Flags(), o.model != ""); err != nil {
		return err
	}
	if o.shard, err = pipeline.ParseShard(o.shardText); err != nil {
		return usageError{err}
	}
	limited := cmd.Flags().Changed("max-answers")
	switch {
	case limited != (o.ledger != ""):
		return usagef("--max-answers and --ledger need each other")
	case o.every <= 0:
		return usagef("--checkpoint-every takes a time such as 5m")
	case limited && o.maxAnswers < 1:
		return usagef("--max-answers must be at least 1")
	case o.shard.Count > 1 && o.model == "" && o.runKey == "":
		return usagef("--shard needs --run-key, a file that the shards share; the first makes it")
	case (o.panel == "") != (o.model != ""):
		return usagef("--panel goes with --weights: the list of variants of the cohort")
	}
	return checkDevice(o.device)
}

// open opens the files, and refuses what does not belong together. release closes them.
func (o *scoreFlags) open(cmd *cobra.Command, log *slog.Logger) (job *pipeline.ScoreJob, release func() error, err error) {
	// What a run left that was killed is not deleted here: shards may share its files.
	inputs := slices.Concat(cohortInputs(o.cohort, o.out), []string{o.panel, o.model, o.key, o.weights.readFreq}, o.weights.files)
	if err := checkOutputs(cmd, []string{o.out}, append(slices.Clone(inputs), o.ledger, o.runKey)); err != nil {
		return nil, nil, err
	}
	if err := checkOutputs(cmd, []string{o.ledger, o.runKey}, inputs); err != nil {
		return nil, nil, err
	}
	job = &pipeline.ScoreJob{Shard: o.shard, Path: o.out, RunKey: o.runKey, CheckpointEvery: o.every, Log: log}
	if o.ledger != "" {
		job.Ledger = &pipeline.Ledger{Path: o.ledger, Limit: o.maxAnswers}
	}
	if job.Keys, err = pipeline.LoadScoreKeys(o.key); err != nil {
		return nil, nil, err
	}
	purpose := pipeline.Score
	if o.model != "" {
		purpose = pipeline.PrivateModel
	}
	if job.Cohort, err = pipeline.OpenCohort(o.cohort, purpose); err != nil {
		return nil, nil, err
	}
	release = func() error { return nil }
	if o.model != "" {
		model, err := pipeline.OpenModel(o.model)
		if err != nil {
			return nil, nil, err
		}
		job.Model, release = model, model.Close
		if err := model.Fits(job.Cohort); err != nil {
			return nil, nil, errors.Join(err, release())
		}
	} else if job.Model, err = o.plain(cmd, log, job.Cohort); err != nil {
		return nil, nil, err
	}
	if err := job.Check(); err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return job, release, nil
}

// plain reads the weights and finds their variants in the list.
func (o *scoreFlags) plain(cmd *cobra.Command, log *slog.Logger, cohort *pipeline.Cohort) (*pipeline.PlainModel, error) {
	if err := cohort.CheckSet(); err != nil {
		return nil, err
	}
	var list *panel.List
	err := await(cmd.Context(), func() (err error) {
		if list, err = panel.ReadUpTo(o.panel, len(cohort.Blocks)*cohort.Params.N()); err == nil {
			err = cohort.CheckPanel(list)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	params, err := cohort.Params.Scores()
	if err != nil {
		return nil, err
	}
	return o.weights.plain(cmd, log, list.Variants, list.Build, params, cohort.Genotypes, cohort.Blocks)
}

// rehearse does what a task does before it computes.
func (o *scoreFlags) rehearse(cmd *cobra.Command, log *slog.Logger) error {
	if err := o.check(cmd); err != nil {
		return err
	}
	_, release, err := o.open(cmd, log)
	if err != nil {
		return err
	}
	return release()
}

// runScore evaluates and reports.
func runScore(cmd *cobra.Command, log *slog.Logger, job *pipeline.ScoreJob, threads int, device string) error {
	shard := fmt.Sprintf("%d/%d", job.Shard.Index, job.Shard.Count)
	log.Info(fmt.Sprintf("%s, %s; shard %s on %s", count(job.Cohort.Samples, "sample"), count(len(job.Cohort.Blocks), "block"), shard, count(threads, "thread")),
		"samples", job.Cohort.Samples, "blocks", len(job.Cohort.Blocks), "shard", shard, "threads", threads)
	progress, finish := newProgress(cmd, log, "chunks")
	job.Progress = progress
	var meta *pipeline.ScoresMeta
	err := onDevice(cmd, log, device, func(device string) (err error) {
		if job.Scorer, err = newScorer(log, device, job.Keys, threads); err != nil {
			return err
		}
		meta, err = job.Run(cmd.Context())
		return err
	})
	finish()
	if err != nil {
		return err
	}
	describe(cmd, shard, threads, job.Genotypes())
	log.Info(fmt.Sprintf("wrote %s: %s", job.Path, count(meta.Scores, "score")), "scores", meta.Scores)
	if job.Ledger != nil && job.Ledger.Reply > 1 {
		log.Info(fmt.Sprintf("it is reply %d of at most %d to this cohort with these weights", job.Ledger.Reply, pipeline.MaxReplies), "reply", job.Ledger.Reply, "of", pipeline.MaxReplies)
	}
	return nil
}
