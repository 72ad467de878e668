package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"genoveil/pipeline"
	"genoveil/pipeline/sizing"
)

func newPlan() *cobra.Command {
	var cohort, traits, memoryText, limitText string
	var samples, variants, planes, columns, cpus int
	var dosage, calibrate bool
	cmd := &cobra.Command{
		Use:   "plan (--samples N --variants N | --cohort DIR --traits FILE)",
		Short: "Say what a study takes: bytes, memory, core-hours, shards",
		Long: `Prints what each step of a study takes, and into how many shards 'submit' would cut
it for tasks of --cpus processors, --mem and --time. Sizes come from --samples,
--variants, --planes and --columns, or from an encrypted cohort and query.

A χ² query has 3 or 4 columns on one plane, or on two with --model; one with c
covariates about c + 9, of which 5 are evaluated against the second plane.

--calibrate measures the rates of this machine (three seconds, one core) and keeps
them for later calls and for 'submit'; until then, those of an AMD EPYC are used.`,
		Args: noArgs,
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log := newLog(cmd)
		memory, err := parseBytes(memoryText)
		if err != nil {
			return usageError{err}
		}
		limit, err := parseLimit(limitText)
		if err != nil {
			return usageError{err}
		}
		encoding := pipeline.HardCalls
		if dosage {
			encoding = pipeline.Dosages
		}
		var study *sizing.Study
		switch files := cohort != "" || traits != ""; {
		case cpus < 1 || planes < 1 || planes > 3 || columns < 1:
			return usagef("--cpus and --columns take numbers from 1 up, --planes 1 to 3")
		case files && (cohort == "" || traits == "" || samples != 0 || variants != 0):
			return usagef("--cohort and --traits go together, in place of --samples and --variants")
		case files:
			if study, err = studyOf(cohort, traits); err != nil {
				return err
			}
		case samples < 1 || variants < 1:
			return usagef("give --samples and --variants, or --cohort and --traits")
		default:
			params, err := pipeline.Plan(samples, encoding)
			if err != nil {
				return err
			}
			study = &sizing.Study{Params: params, Samples: samples, Variants: variants, Planes: float64(planes), Columns: columns,
				Products: float64(columns + (planes-1)*min(columns, 5))}
		}
		if calibrate {
			rates, err := sizing.Calibrate(study.Params, os.TempDir())
			if err != nil {
				return err
			}
			where, err := rates.Save()
			if err != nil {
				return err
			}
			log.Info("measured this machine; kept in " + where)
		}
		rates, where, err := sizing.Kept()
		if err != nil {
			return err
		}
		return printPlan(cmd.OutOrStdout(), study, rates, where, task{cpus, float64(memory), limit})
	}
	f := cmd.Flags()
	f.IntVar(&samples, "samples", 0, "number of samples")
	f.IntVar(&variants, "variants", 0, "number of variants")
	f.IntVar(&planes, "planes", 2, "planes of a genotype; a third where calls are missing")
	f.IntVar(&columns, "columns", 4, "columns of a query with those of the check")
	f.BoolVar(&dosage, "dosage", false, "imputed dosages instead of calls")
	f.StringVar(&cohort, "cohort", "", "cohort directory")
	f.StringVar(&traits, "traits", "", "encrypted traits")
	f.IntVar(&cpus, "cpus", 4, "processors of a task")
	f.StringVar(&memoryText, "mem", "8GB", "memory of a task")
	f.StringVar(&limitText, "time", "4:00:00", "time limit of a task, H:MM:SS")
	f.BoolVar(&calibrate, "calibrate", false, "measure the rates of this machine first")
	return cmd
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
	return &sizing.Study{Params: cohort.Params, Samples: cohort.Samples, Variants: len(cohort.Blocks) * cohort.Params.N(),
		Planes: cohort.Planes(), Columns: traits.Columns, Products: pipeline.Products(cohort, traits)}, nil
}

// A task is what a job of the cluster has.
type task struct {
	cpus   int
	memory float64
	limit  time.Duration
}

// printPlan writes the table.
func printPlan(out io.Writer, s *sizing.Study, r sizing.Rates, where string, t task) error {
	fmt.Fprintf(out, "%s × %s in %s, %.3g planes, %s; rates: %s\n\n", count(s.Samples, "sample"), count(s.Variants, "variant"), count(s.Blocks(), "block"), s.Planes, count(s.Columns, "column"), where)
	memory := sizing.RunMemory(t.memory, t.cpus)
	encrypt := r.Cut(func(n int) sizing.Load { return r.EncryptGenotypes(s, n) }, t.cpus, t.limit, s.Blocks())
	run := r.Cut(func(n int) sizing.Load { return r.Run(s, n, memory) }, t.cpus, t.limit, s.Chunks())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "step\tcore-hours\tshards\ttime of each\twritten\t")
	row := func(step string, l sizing.Load, written float64) {
		fmt.Fprintf(w, "%s\t%.3g\t%d\t%s\t%s\t\n", step, l.CoreSeconds/3600, l.Shards, r.Wall(l, t.cpus).Round(time.Second), humanBytes(int64(written)))
	}
	row("encrypt genotypes", encrypt, s.CohortBytes())
	row("run", run, float64(run.Shards)*s.SumBytes())
	row("merge", r.Merge(s, run.Shards), s.SumBytes())
	row("decrypt", r.Decryption(s), 0)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nTo upload: %s of genotypes, %s for a query. Tasks have %s and %s; of their memory, 'run' gets --memory %s.\n",
		humanBytes(int64(s.CohortBytes())), humanBytes(int64(s.QueryBytes())), count(t.cpus, "processor"), humanBytes(int64(t.memory)), humanBytes(int64(memory)))
	return err
}
