package pipeline_test

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"genoveil/genomics/simulate"
	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// BenchmarkScore reports the processor time that scoring takes for each genotype,
// from files in the page cache to answers: 64 samples, 8 blocks, no missing call, the
// set that users have. Packing is shared by all blocks: the metric ns/pack is what
// a sample takes beyond the multiplications.
func BenchmarkScore(b *testing.B) {
	const samples, blocks = 64, 8
	params, err := he.PlanScore(1)
	if err != nil {
		b.Fatal(err)
	}
	secret, keys := hetest.ScoreKeys(b, params.Chain())
	source, err := simulate.New(simulate.Options{Samples: samples, Variants: blocks * params.N(), CaseFraction: 0.3, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	job := owner.GenotypeJob{Purpose: format.Score, Source: source, Params: params.Params(), Secret: secret, Dir: dir + "/cohort", Index: dir + "/cohort.index", Threads: 2}
	if _, err := job.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	cohort, err := format.OpenCohort(job.Dir, format.Score)
	if err != nil {
		b.Fatal(err)
	}
	scorer, err := cpu.NewScorer(keys, 2)
	if err != nil {
		b.Fatal(err)
	}
	model := pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), params, blocks*params.N(), 1, make([]bool, blocks))
	run := site.ScoreJob{Cohort: cohort, Model: model, Keys: keys, Scorer: scorer, Shard: format.Whole, Path: dir + "/x.scores"}
	before := processorTime(b)
	for b.Loop() {
		if _, err := run.Run(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N)/samples/blocks/float64(params.N()), "core-ns/genotype")
	os.Remove(run.Path)
}

// processorTime is what all threads have spent so far.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
