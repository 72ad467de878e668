package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"genoveil/genomics/test"
	"genoveil/pipeline/format"
	"genoveil/pipeline/sizing"
)

// planFlags say what to plan for, and for which tasks.
type planFlags struct {
	cohort, traits        string
	samples, variants     int
	planes                float64
	test                  string
	design                test.Design
	dosage                bool
	cpus                  int
	memoryText, limitText string
	calibrate             bool

	task task // as check read it
}

func newPlan(s *session) *cobra.Command {
	o := new(planFlags)
	cmd := &cobra.Command{
		Use:   "plan (--samples N --variants N [--test TEST] | --cohort DIR --traits FILE)",
		Short: "Say what a study takes: bytes, memory, core-hours, shards",
		Long: `Prints what each step of a study takes, and into how many shards 'submit' would cut it.
Say what a task has with --cpus, --task-memory and --time.

Say how large the study is with --samples and --variants, and with --test, --covariates
and --phenotypes. Or give the encrypted cohort and traits.

--calibrate measures how fast this machine is. That takes a few seconds on one core. The
rates are kept for later calls and for 'submit'. Without it, the rates of an AMD EPYC are
used.`,
		Args:    noArgs,
		PreRunE: func(*cobra.Command, []string) error { return o.check() },
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), s) },
	}
	o.register(cmd.Flags())
	return cmd
}

func (o *planFlags) register(f *pflag.FlagSet) {
	f.IntVar(&o.samples, "samples", 0, "number of samples")
	f.IntVar(&o.variants, "variants", 0, "number of variants")
	f.Float64Var(&o.planes, "planes", 2, "planes of a genotype: 2, or up to 3 where blocks of 8192 variants have missing calls; 1 to 2 for scores")
	f.StringVar(&o.test, "test", test.All[0].Name, "test to compute; "+listed(plannedTests(), "or"))
	f.IntVar(&o.design.Covariates, "covariates", 0, "number of covariates; a column of text has one less than it has categories")
	f.IntVar(&o.design.Phenotypes, "phenotypes", 1, "phenotypes in one query, or scores")
	f.BoolVar(&o.design.Models, "model", false, "also the trend, genotypic, dominant and recessive tests; for --test "+listed(testNames(takesModels), "or"))
	f.BoolVar(&o.dosage, "dosage", false, "for imputed dosages; in place of calls")
	f.StringVar(&o.cohort, "cohort", "", "cohort directory")
	f.StringVar(&o.traits, "traits", "", "encrypted traits")
	f.IntVar(&o.cpus, "cpus", 4, "processors of a task")
	f.StringVar(&o.memoryText, "task-memory", "8GB", "memory of a task")
	f.StringVar(&o.limitText, "time", "4:00:00", "time limit of a task, H:MM:SS")
	f.BoolVar(&o.calibrate, "calibrate", false, "measure the rates of this machine first")
}

// check reads what a task has.
func (o *planFlags) check() error {
	memory, err := parseBytes(o.memoryText)
	if err != nil {
		return usageError{err}
	}
	limit, err := parseLimit(o.limitText)
	if err != nil {
		return usageError{err}
	}
	if o.cpus < 1 {
		return usagef("--cpus takes a number from 1 up")
	}
	o.task = task{o.cpus, float64(memory), limit}
	return nil
}

func (o *planFlags) run(ctx context.Context, s *session) error {
	study, err := o.study()
	if err != nil {
		return err
	}
	if o.calibrate {
		if err := calibrate(ctx, s); err != nil {
			return err
		}
	}
	rates, where, err := sizing.Kept()
	if err != nil {
		return err
	}
	return printPlan(s.stdout, study, rates, where, o.task)
}

// calibrate measures the rates of this machine and keeps them.
func calibrate(ctx context.Context, s *session) error {
	params, err := format.Plan(1, format.HardCalls)
	if err != nil {
		return err
	}
	rates, err := sizing.Calibrate(ctx, params, os.TempDir())
	if err != nil {
		return err
	}
	where, err := rates.Save()
	if err != nil {
		return err
	}
	s.log.Info("measured this machine; kept in " + where)
	return nil
}

// scoring is what --test calls scores, which are no test.
const scoring = "score"

// Larger than any study, and small enough for sizes in bytes to fit 64 bits.
const (
	maxPlannedSamples  = 100_000_000
	maxPlannedVariants = 1_000_000_000
)

// plannedTests lists what --test takes.
func plannedTests() []string { return append(testNames(nil), scoring) }

// study takes the sizes from files or from numbers.
func (o *planFlags) study() (*sizing.Study, error) {
	d := o.design
	encoding := format.HardCalls
	if o.dosage {
		encoding = format.Dosages
	}
	t := test.Find(o.test)
	if o.test == scoring {
		t = new(test.Test) // which takes nothing
	}
	switch files := o.cohort != "" || o.traits != ""; {
	case files && (o.cohort == "" || o.traits == "" || o.samples != 0 || o.variants != 0):
		return nil, usagef("--cohort and --traits go together, in place of --samples and --variants")
	case files:
		return studyOf(o.cohort, o.traits)
	case o.samples < 1 || o.variants < 1:
		return nil, usagef("give --samples and --variants, or --cohort and --traits")
	case o.samples > maxPlannedSamples || o.variants > maxPlannedVariants:
		return nil, usagef("--samples takes a number up to %d, --variants up to %d", maxPlannedSamples, maxPlannedVariants)
	case t == nil:
		return nil, usagef("--test takes %s, not %q", strings.Join(plannedTests(), ", "), o.test)
	case d.Covariates < 0 || d.Phenotypes < 1 || !(o.planes >= 1 && o.planes <= 3):
		return nil, usagef("--covariates takes a number from 0 up, --phenotypes from 1 up, --planes 1 to 3")
	case d.Covariates > 0 && !t.Covariates:
		return nil, usagef("--covariates goes with --test %s", listed(testNames(takesCovariates), "or"))
	case d.Models && !t.Models:
		return nil, usagef("--model is for --test %s", listed(testNames(takesModels), "or"))
	case o.test == scoring:
		params, err := format.Score.Plan(o.samples, encoding)
		if err != nil {
			return nil, err
		}
		return &sizing.Study{Params: params, Samples: o.samples, Variants: o.variants, Planes: min(o.planes, 2)}, nil
	}
	params, err := format.Plan(o.samples, encoding)
	if err != nil {
		return nil, err
	}
	return sizing.NewStudy(params, o.samples, o.variants, o.planes, t.Cost(d))
}

// studyOf takes the sizes from an encrypted cohort and query, which must belong
// together.
func studyOf(cohortDir, traitsPath string) (*sizing.Study, error) {
	cohort, err := format.OpenCohort(cohortDir, format.GWAS)
	if err != nil {
		return nil, err
	}
	traits, err := format.OpenTraits(traitsPath)
	if err != nil {
		return nil, err
	}
	defer traits.Close()
	if err := traits.Fits(cohort); err != nil {
		return nil, err
	}
	planes, sums := format.Evaluated(cohort, traits)
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
