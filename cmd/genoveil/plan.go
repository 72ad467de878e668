package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
	"genoveil/pipeline/sizing"
)

// planFlags say what to plan for.
type planFlags struct {
	cohort, traits    string
	samples, variants int
	planes            float64
	query             sizing.Query
	dosage            bool
}

func newPlan(s *session) *cobra.Command {
	var in planFlags
	var memoryText, limitText string
	var cpus int
	var calibrate bool
	cmd := &cobra.Command{
		Use:   "plan (--samples N --variants N [--test TEST] | --cohort DIR --traits FILE)",
		Short: "Say what a study takes: bytes, memory, core-hours, shards",
		Long: `Prints what each step of a study takes, and into how many shards 'submit' would cut
it for tasks of --cpus processors, --task-memory and --time. Sizes come from --samples and
--variants, and --test, --covariates and --phenotypes, or from an encrypted cohort
and query.

--calibrate measures the rates of this machine (a few seconds, one core) and keeps
them for later calls and for 'submit'; until then, those of an AMD EPYC are used.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		memory, err := parseBytes(memoryText)
		if err != nil {
			return usageError{err}
		}
		limit, err := parseLimit(limitText)
		if err != nil {
			return usageError{err}
		}
		if cpus < 1 {
			return usagef("--cpus takes a number from 1 up")
		}
		study, err := in.study()
		if err != nil {
			return err
		}
		if calibrate {
			params, err := pipeline.Plan(1, pipeline.HardCalls)
			if err != nil {
				return err
			}
			rates, err := sizing.Calibrate(cmd.Context(), params, os.TempDir())
			if err != nil {
				return err
			}
			where, err := rates.Save()
			if err != nil {
				return err
			}
			s.log.Info("measured this machine; kept in " + where)
		}
		rates, where, err := sizing.Kept()
		if err != nil {
			return err
		}
		return printPlan(cmd.OutOrStdout(), study, rates, where, task{cpus, float64(memory), limit})
	}
	f := cmd.Flags()
	f.IntVar(&in.samples, "samples", 0, "number of samples")
	f.IntVar(&in.variants, "variants", 0, "number of variants")
	f.Float64Var(&in.planes, "planes", 2, "planes of a genotype: 2, and up to 3 where blocks of 8192 variants have missing calls; of scores 1 to 2")
	f.StringVar(&in.query.Test, "test", pipeline.TestChi2, "test to compute; chi2, logistic, linear or score")
	f.IntVar(&in.query.Covariates, "covariates", 0, "number of covariates")
	f.IntVar(&in.query.Phenotypes, "phenotypes", 1, "phenotypes in one query, or scores")
	f.BoolVar(&in.query.Models, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test chi2")
	f.BoolVar(&in.dosage, "dosage", false, "for imputed dosages; in place of calls")
	f.StringVar(&in.cohort, "cohort", "", "cohort directory")
	f.StringVar(&in.traits, "traits", "", "encrypted traits")
	f.IntVar(&cpus, "cpus", 4, "processors of a task")
	f.StringVar(&memoryText, "task-memory", "8GB", "memory of a task")
	f.StringVar(&limitText, "time", "4:00:00", "time limit of a task, H:MM:SS")
	f.BoolVar(&calibrate, "calibrate", false, "measure the rates of this machine first")
	return cmd
}

// Larger than any study, and small enough for sizes in bytes to fit 64 bits.
const (
	maxPlannedSamples  = 100_000_000
	maxPlannedVariants = 1_000_000_000
)

// study takes the sizes from files or from numbers.
func (in *planFlags) study() (*sizing.Study, error) {
	q := in.query
	encoding := pipeline.HardCalls
	if in.dosage {
		encoding = pipeline.Dosages
	}
	tests := []string{pipeline.TestChi2, pipeline.TestLogistic, pipeline.TestLinear, "score"}
	switch files := in.cohort != "" || in.traits != ""; {
	case files && (in.cohort == "" || in.traits == "" || in.samples != 0 || in.variants != 0):
		return nil, usagef("--cohort and --traits go together, in place of --samples and --variants")
	case files:
		return studyOf(in.cohort, in.traits)
	case in.samples < 1 || in.variants < 1:
		return nil, usagef("give --samples and --variants, or --cohort and --traits")
	case in.samples > maxPlannedSamples || in.variants > maxPlannedVariants:
		return nil, usagef("--samples takes a number up to %d, --variants up to %d", maxPlannedSamples, maxPlannedVariants)
	case !slices.Contains(tests, q.Test):
		return nil, usagef("--test takes %s, not %q", strings.Join(tests, ", "), q.Test)
	case q.Covariates < 0 || q.Phenotypes < 1 || !(in.planes >= 1 && in.planes <= 3):
		return nil, usagef("--covariates takes a number from 0 up, --phenotypes from 1 up, --planes 1 to 3")
	case q.Covariates > 0 && (q.Test == pipeline.TestChi2 || q.Test == "score"):
		return nil, usagef("--covariates goes with --test logistic or linear")
	case q.Models && q.Test != pipeline.TestChi2:
		return nil, usagef("--model is for --test chi2")
	case q.Test == "score":
		params, err := pipeline.Score.Plan(in.samples, encoding)
		if err != nil {
			return nil, err
		}
		return &sizing.Study{Params: params, Samples: in.samples, Variants: in.variants, Planes: min(in.planes, 2)}, nil
	}
	params, err := pipeline.Plan(in.samples, encoding)
	if err != nil {
		return nil, err
	}
	return sizing.NewStudy(params, in.samples, in.variants, in.planes, q)
}

// studyOf takes the sizes from an encrypted cohort and query, which must belong
// together.
func studyOf(cohortDir, traitsPath string) (*sizing.Study, error) {
	cohort, err := pipeline.OpenCohort(cohortDir, pipeline.GWAS)
	if err != nil {
		return nil, err
	}
	traits, err := pipeline.OpenTraits(traitsPath)
	if err != nil {
		return nil, err
	}
	defer traits.Close()
	if err := traits.Fits(cohort); err != nil {
		return nil, err
	}
	planes, sums := pipeline.Evaluated(cohort, traits)
	return &sizing.Study{Params: cohort.Params, Samples: cohort.Samples, Variants: len(cohort.Blocks) * cohort.Params.N(),
		Planes: cohort.Planes(), Columns: traits.Columns, Evaluated: planes, Products: sums}, nil
}

// A task is what a job of the cluster has.
type task struct {
	cpus   int
	memory float64
	limit  time.Duration
}

// printPlan writes the table.
func printPlan(out io.Writer, s *sizing.Study, r sizing.Rates, where string, t task) error {
	fmt.Fprintf(out, "%s × %s (%s, %.3g planes); rates: %s\n", count(s.Samples, "sample"), count(s.Variants, "variant"), count(s.Blocks(), "block"), s.Planes, where)
	fmt.Fprintf(out, "tasks of %s, %s and %s\n\n", count(t.cpus, "processor"), humanBytes(t.memory), t.limit)
	memory := sizing.RunMemory(t.memory, t.cpus)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "step\tcore-hours\tshards\ttime of each\tmemory of each\twritten\t")
	row := func(step string, l sizing.Load, memory, written float64) {
		fmt.Fprintf(w, "%s\t%.3g\t%d\t%s\t%s\t%s\t\n", step, l.CoreSeconds/3600, l.Shards, r.Wall(l, t.cpus).Round(time.Second), humanBytes(memory), humanBytes(written))
	}
	row("encrypt genotypes", r.Cut(func(n int) sizing.Load { return r.EncryptGenotypes(s, n) }, t.cpus, t.limit, s.Blocks()), sizing.EncryptMemory(s, t.cpus), s.CohortBytes())
	if s.Columns == 0 {
		score := r.Cut(func(n int) sizing.Load { return r.Score(s, n) }, t.cpus, t.limit, s.Tiles())
		row("score", score, sizing.ScoreMemory(s), s.ScoreBytes())
	} else {
		run := r.Cut(func(n int) sizing.Load { return r.Run(s, n, memory) }, t.cpus, t.limit, s.Chunks())
		row("run", run, t.memory, s.SumBytes(run.Shards))
		row("merge", r.Merge(s, run.Shards), sizing.MergeMemory(s), s.SumBytes(1))
		row("decrypt", r.Decryption(s), sizing.DecryptMemory(s, t.cpus), 0)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nTo upload: %s of genotypes", humanBytes(s.CohortBytes()))
	if s.Columns > 0 {
		passes := s.Expansions(memory) / float64(s.Samples) / float64(s.Columns)
		fmt.Fprintf(out, ", %s for the query's %s", humanBytes(s.QueryBytes()), count(s.Columns, "column"))
		if passes > 1 {
			fmt.Fprintf(out, ".\n'run' expands every column %.0f times; with --task-memory %s, once", passes, humanBytes(sizing.OnePass(s, t.cpus)))
		}
	}
	_, err := fmt.Fprintln(out, ".")
	return err
}
