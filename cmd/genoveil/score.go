package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/panel"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/site"
	"genoveil/pipeline/sizing"
	"genoveil/pipeline/slurm"
)

// scoreFlags say what to score, and how.
type scoreFlags struct {
	taskFlags
	deviceFlags
	weights                   weightFlags
	cohort, model, key, panel string
	runKey, ledger            string
	maxAnswers                int
	every                     time.Duration
}

func newScore(s *session) *cobra.Command { return new(scoreFlags).command(s) }

func (o *scoreFlags) command(s *session) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "score --cohort DIR (--panel FILE --weights FILE… | --encrypted-model FILE) --eval-key FILE -o FILE",
		Short: "Evaluate a model on an encrypted cohort (model's owner)",
		Long: `Computes polygenic scores on ciphertexts. The server learns no genotype. The client,
who decrypts the scores, learns no weight except through them. docs/scoring.md says
what each side learns.

--weights takes PGS Catalog scoring files and PLINK --score tables. Several files, or
several columns, make several scores. --panel is the list of variants that the cohort
was encrypted for. --encrypted-model takes an encrypted model instead ('genoveil
encrypt model'), for a cohort that was encrypted --for private-model.

Answers for as many samples as there are weights determine the weights. --max-answers
limits the number of samples, over all runs that share a --ledger. The ledger also
counts replies: the same weights answer the same samples at most 64 times.

When interrupted, the command leaves FILE.checkpoint, and the same command continues
from it (exit code 75). Never give a checkpoint away: its answers are not flooded.

With --shard i/n, it takes only the i-th of n parts of the samples, in whole tiles of
8192. The shards of one run share a --run-key, which the first shard makes. 'genoveil
merge' joins their answers.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return o.check(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.timed(cmd, s, o.run) },
	}
	o.register(cmd.Flags())
	require(cmd, "cohort", "eval-key", "out")
	return cmd
}

func (o *scoreFlags) register(f *pflag.FlagSet) {
	f.StringVar(&o.cohort, "cohort", "", "cohort directory")
	o.weights.register(f)
	f.StringVar(&o.panel, "panel", "", "list of the cohort's variants, from 'genoveil panel'; goes with --weights")
	f.StringVar(&o.model, "encrypted-model", "", "encrypted model, instead of --weights")
	f.StringVar(&o.key, "eval-key", "", "evaluation keys from keygen; eval-score.key, or eval-score-dosage.key for dosages")
	f.StringVarP(&o.out, "out", "o", "", "output; `FILE` of encrypted scores")
	f.IntVar(&o.maxAnswers, "max-answers", 0, "largest number of samples to answer for, over all runs that share the ledger")
	f.StringVar(&o.ledger, "ledger", "", "file that counts answered samples and replies")
	f.DurationVar(&o.every, "checkpoint-every", 5*time.Minute, "time between checkpoints; an interrupted run continues from the last")
	o.shard.register(f, "of the samples")
	f.StringVar(&o.runKey, "run-key", "", "file with a key that the shards share; keep it from the client")
	o.taskFlags.register(f)
	o.deviceFlags.register(f, autoDevice)
}

// check refuses flags that make no sense, whatever the files.
func (o *scoreFlags) check(f *pflag.FlagSet) error {
	if err := o.taskFlags.check(f); err != nil {
		return err
	}
	if err := o.weights.check(f, o.model != ""); err != nil {
		return err
	}
	if err := o.shard.check(f); err != nil {
		return err
	}
	limited := f.Changed("max-answers")
	switch {
	case limited != (o.ledger != ""):
		return usagef("--max-answers and --ledger go together")
	case o.every <= 0:
		return usagef("--checkpoint-every takes a time such as 5m")
	case limited && o.maxAnswers < 1:
		return usagef("--max-answers must be at least 1")
	case o.shard.part.Count > 1 && o.model == "" && o.runKey == "":
		return usagef("--shard needs --run-key, a file that all shards share; the first shard makes it")
	case (o.panel == "") != (o.model != ""):
		return usagef("--panel, the list of the cohort's variants, goes with --weights")
	}
	return o.deviceFlags.check(f)
}

func (o *scoreFlags) run(ctx context.Context, s *session) error {
	if err := s.place(ctx, &o.deviceFlags); err != nil {
		return err
	}
	job, release, err := o.open(ctx, s)
	if err != nil {
		return err
	}
	defer release()
	if err := s.begin(o.journal()); err != nil {
		return err
	}
	s.warnReplaced(o.out)
	return o.evaluate(ctx, s, job)
}

// evaluate computes and reports.
func (o *scoreFlags) evaluate(ctx context.Context, s *session, job *site.ScoreJob) error {
	shard := job.Shard.String()
	s.log.Info(fmt.Sprintf("%s, %s; shard %s on %s", count(job.Cohort.Samples, "sample"), count(len(job.Cohort.Blocks), "block"), shard, count(o.threads, "thread")),
		"samples", job.Cohort.Samples, "blocks", len(job.Cohort.Blocks), "shard", shard, "threads", o.threads)
	progress, finish := s.progress("chunks")
	job.Progress = progress
	var meta *format.ScoresMeta
	err := s.onDevice(o.device, func(device string) (err error) {
		if job.Scorer, err = newScorer(s, device, job.Keys, o.threads); err != nil {
			return err
		}
		meta, err = job.Run(ctx)
		return err
	})
	finish()
	if err != nil {
		return err
	}
	s.took.Shard, s.took.Threads, s.took.Genotypes = shard, o.threads, job.Genotypes()
	s.log.Info(fmt.Sprintf("wrote %s: %s", job.Path, count(meta.Scores, "score")), "scores", meta.Scores)
	if job.Ledger != nil && job.Ledger.Reply > 1 {
		s.log.Info(fmt.Sprintf("this is reply %d of at most %d to this cohort with these weights", job.Ledger.Reply, site.MaxReplies), "reply", job.Ledger.Reply, "of", site.MaxReplies)
	}
	return nil
}

// open opens the files, and refuses what does not belong together. release closes them.
func (o *scoreFlags) open(ctx context.Context, s *session) (job *site.ScoreJob, release func() error, err error) {
	// What a run left that was killed is not deleted here: shards may share its files.
	inputs := slices.Concat(cohortInputs(o.cohort, o.out), []string{o.panel, o.model, o.key, o.weights.readFreq}, o.weights.files)
	if err := o.checkOutputs([]string{o.out}, append(slices.Clone(inputs), o.ledger, o.runKey)); err != nil {
		return nil, nil, err
	}
	if err := o.checkOutputs([]string{o.ledger, o.runKey}, inputs); err != nil {
		return nil, nil, err
	}
	job = &site.ScoreJob{Shard: o.shard.part, Path: o.out, RunKey: o.runKey, CheckpointEvery: o.every, Log: s.log}
	if o.ledger != "" {
		job.Ledger = &site.Ledger{Path: o.ledger, Limit: o.maxAnswers}
	}
	if job.Keys, err = format.LoadScoreKeys(o.key); err != nil {
		return nil, nil, err
	}
	purpose := format.Score
	if o.model != "" {
		purpose = format.PrivateModel
	}
	if job.Cohort, err = format.OpenCohort(o.cohort, purpose); err != nil {
		return nil, nil, err
	}
	release = func() error { return nil }
	if o.model != "" {
		opened, err := model.OpenModel(o.model)
		if err != nil {
			return nil, nil, err
		}
		job.Model, release = opened, opened.Close
		if err := opened.Fits(job.Cohort); err != nil {
			return nil, nil, errors.Join(err, release())
		}
	} else if job.Model, err = o.plain(ctx, s.log, job.Cohort); err != nil {
		return nil, nil, err
	}
	if err := job.Check(); err != nil {
		return nil, nil, errors.Join(err, release())
	}
	return job, release, nil
}

// plain reads the weights and finds their variants in the list.
func (o *scoreFlags) plain(ctx context.Context, log *slog.Logger, cohort *format.Cohort) (*model.PlainModel, error) {
	if err := cohort.CheckSet(); err != nil {
		return nil, err
	}
	var list *panel.List
	err := await(ctx, func() (err error) {
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
	return o.weights.plain(ctx, log, list.Variants, list.Build, params, cohort.Genotypes, cohort.Blocks)
}

// rehearse does what a task does before it computes.
func (o *scoreFlags) rehearse(ctx context.Context, s *session) error {
	_, release, err := o.open(ctx, s)
	if err != nil {
		return err
	}
	return release()
}

// shards is how many tasks make the work fit their time.
func (o *scoreFlags) shards(t task) (int, error) {
	rates, _, err := sizing.Kept()
	if err != nil {
		return 0, err
	}
	cohort, err := format.OpenCohort(o.cohort, format.Score, format.PrivateModel)
	if err != nil {
		return 0, err
	}
	study := sizing.Study{Params: cohort.Params, Samples: cohort.Samples, Variants: len(cohort.Blocks) * cohort.Params.N(), Planes: cohort.Planes()}
	return rates.Cut(func(n int) sizing.Load { return rates.Score(&study, n) }, t.cpus, t.limit, study.Tiles()).Shards, nil
}

// taskArgs has the tasks share a key for what they flood their answers with.
func (o *scoreFlags) taskArgs(job *slurm.Job) []string {
	if o.model != "" {
		return nil
	}
	return []string{"--run-key", filepath.Join(job.Dir(), "run.key")}
}
