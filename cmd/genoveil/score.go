package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"genoveil/genomics/panel"
	"genoveil/pipeline"
)

func newScore() *cobra.Command {
	var weights weightFlags
	var cohortDir, modelPath, keyPath, panelPath, out, shardText, runKey, ledger, device string
	var maxAnswers, threads int
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "score --cohort DIR (--panel FILE --weights FILE… | --model FILE) --eval-key FILE -o FILE.scores",
		Short: "Evaluate a model on an encrypted cohort (model's owner)",
		Long: `Computes polygenic scores on ciphertexts: the server learns no genotype, and the
client, who decrypts the scores, no weight but through them. docs/scoring.md says
what each side learns.

--weights takes PGS Catalog scoring files and PLINK --score tables; several files, or
several columns, are several scores. --panel is the list of variants that the cohort
was encrypted for. --model takes a model that was encrypted, too ('genoveil encrypt
model'), for a cohort that was encrypted --for private-model.

Answers for as many samples as there are weights determine the weights. --max-answers
refuses to answer for more samples than that, in all runs that share a --ledger.

Interrupted, it leaves FILE.scores.checkpoint, from which the same command continues
(exit code 75). Never give a checkpoint away: its answers are not flooded.

With --shard i/n it takes only the i-th of n parts of the samples (of whole tiles of
8192); shards of one run share a --run-key, which the first of them makes, and
'genoveil merge' joins their answers.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		if err := weights.check(cmd.Flags(), modelPath != ""); err != nil {
			return err
		}
		shard, err := pipeline.ParseShard(shardText)
		if err != nil {
			return usageError{err}
		}
		limited := cmd.Flags().Changed("max-answers")
		switch {
		case limited != (ledger != ""):
			return usagef("--max-answers and --ledger need each other")
		case every <= 0:
			return usagef("--checkpoint-every takes a time such as 5m")
		case limited && maxAnswers < 1:
			return usagef("--max-answers must be at least 1")
		case shard.Count > 1 && modelPath == "" && runKey == "":
			return usagef("--shard needs --run-key, a file that the shards share; the first makes it")
		case (panelPath == "") != (modelPath != ""):
			return usagef("--panel goes with --weights: the list of variants of the cohort")
		}
		if err := place(cmd, log, device); err != nil {
			return err
		}
		// What a run left that was killed is not deleted here: shards may share its files.
		inputs := append(cohortInputs(cohortDir, out), panelPath, modelPath, keyPath, weights.readFreq, ledger, runKey)
		if err := checkOutputs(cmd, []string{out}, append(inputs, weights.files...)); err != nil {
			return err
		}
		if err := checkOutputs(cmd, []string{ledger, runKey}, nil); err != nil {
			return err
		}
		job := pipeline.ScoreJob{Shard: shard, Path: out, RunKey: runKey, Every: every, Warn: func(err error) { log.Warn(err.Error()) }}
		if limited {
			job.Ledger = &pipeline.Ledger{Path: ledger, Limit: maxAnswers}
		}
		if job.Keys, err = pipeline.LoadScoreKeys(keyPath); err != nil {
			return err
		}
		purpose := pipeline.Score
		if modelPath != "" {
			purpose = pipeline.PrivateModel
		}
		if job.Cohort, err = pipeline.OpenCohort(cohortDir, purpose); err != nil {
			return err
		}
		if modelPath != "" {
			model, err := pipeline.OpenModel(modelPath)
			if err != nil {
				return err
			}
			defer model.Close()
			if err := model.Fits(job.Cohort); err != nil {
				return err
			}
			job.Model = model
		} else {
			if err := job.Cohort.CheckSet(); err != nil {
				return err
			}
			list, err := panel.ReadUpTo(panelPath, len(job.Cohort.Blocks)*job.Cohort.Params.N())
			if err != nil {
				return err
			}
			if err := job.Cohort.CheckPanel(list); err != nil {
				return err
			}
			model, err := weights.match(log, list.Variants, list.Build)
			if err != nil {
				return err
			}
			if job.Model, err = weights.fix(cmd, log, model, job.Cohort.Params, job.Cohort.Genotypes, job.Cohort.Blocks); err != nil {
				return err
			}
		}
		if err := job.Check(); err != nil || onlyChecked(cmd) {
			return err
		}
		return runScore(cmd, log, &job, threads, device)
	}
	f := cmd.Flags()
	f.StringVar(&cohortDir, "cohort", "", "cohort directory")
	weights.register(f)
	f.StringVar(&panelPath, "panel", "", "list of the cohort's variants")
	f.StringVar(&modelPath, "model", "", "encrypted model, in place of --weights")
	f.StringVar(&keyPath, "eval-key", "", "evaluation keys for scores")
	f.StringVarP(&out, "out", "o", "", "file for the encrypted scores")
	f.IntVar(&maxAnswers, "max-answers", 0, "samples to answer for at most, in all runs that share the ledger")
	f.StringVar(&ledger, "ledger", "", "file that counts the samples answered")
	f.DurationVar(&every, "checkpoint-every", 5*time.Minute, "time between savings of the work so far")
	f.StringVar(&shardText, "shard", "1/1", "part i/n of the samples")
	f.StringVar(&runKey, "run-key", "", "file with a key that shards share and the client must not see")
	threadsFlag(cmd, &threads)
	deviceFlag(cmd, &device, autoDevice)
	require(cmd, "cohort", "eval-key", "out")
	return cmd
}

// runScore evaluates and reports.
func runScore(cmd *cobra.Command, log *slog.Logger, job *pipeline.ScoreJob, threads int, device string) error {
	shard := fmt.Sprintf("%d/%d", job.Shard.Index, job.Shard.Count)
	log.Info(fmt.Sprintf("%s, %s; shard %s on %s", count(job.Cohort.Samples, "sample"), count(len(job.Cohort.Blocks), "block"), shard, count(threads, "thread")),
		"samples", job.Cohort.Samples, "blocks", len(job.Cohort.Blocks), "shard", shard, "threads", threads)
	progress, finish := newProgress(cmd, log, "chunks")
	job.Progress = progress
	job.Continue = func(done, total int) {
		log.Info(fmt.Sprintf("continuing from %s.checkpoint: %d of %d chunks done", job.Path, done, total), "done", done, "total", total)
	}
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
	return nil
}
