package site

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/progress"
)

// RunJob evaluates encrypted traits on an encrypted cohort. It holds no secret.
type RunJob struct {
	Cohort   *format.Cohort
	Traits   *format.Traits
	Keys     *he.EvaluationKeys
	Engine   he.Engine
	Shard    format.Shard
	Path     string // .sums file
	Threads  int
	Memory   int64         // bytes for constants, accumulators and chunks
	Progress progress.Func // chunk × block × plane products

	CheckpointEvery time.Duration // 0: only at an interrupt
	Log             *slog.Logger

	due func() bool // for tests: takes the place of CheckpointEvery
}

// Run evaluates and writes the .sums file.
//
// It saves a checkpoint (FILE.checkpoint) now and then and when ctx ends; the error
// is ErrContinues then. The same job continues from it, whatever Threads, Memory and
// Engine are, and writes the same bytes as if it had not been interrupted.
func (r *RunJob) Run(ctx context.Context) error {
	if err := r.Check(); err != nil {
		return err
	}
	return (&pass{
		cohort: r.Cohort, work: &evaluation{RunJob: r}, path: r.Path, kind: RunKind, threads: r.Threads,
		every: r.CheckpointEvery, due: r.due, log: r.Log, progress: r.Progress,
	}).run(ctx)
}

// Genotypes is the number of genotypes in the shard, with those that fill the last
// block.
func (r *RunJob) Genotypes() int64 {
	return r.Cohort.CountGenotypes(r.Shard.Samples(r.Cohort.Samples, he.ChunkSamples))
}

// Check refuses files that do not belong together.
func (r *RunJob) Check() error {
	if err := r.Traits.Fits(r.Cohort); err != nil {
		return err
	}
	switch {
	case r.Traits.KeyID != r.Cohort.KeyID || format.NewKeyID(r.Keys.KeyID) != r.Cohort.KeyID:
		return fmt.Errorf("keys differ: cohort %s, traits %s, evaluation keys %s", r.Cohort.KeyID, r.Traits.KeyID, format.NewKeyID(r.Keys.KeyID))
	case !r.Keys.Chain.Equal(r.Cohort.Params.Chain()):
		return fmt.Errorf("the evaluation keys are for a different parameter set; this cohort has %s, which need %s", r.Cohort.Genotypes, map[format.Encoding]string{
			format.HardCalls: "eval.key", format.Dosages: "eval-dosage.key ('genoveil keygen --dosage' makes it)"}[r.Cohort.Genotypes])
	}
	return nil
}

func (r *RunJob) meta() *format.SumsMeta {
	m := &format.SumsMeta{
		QueryID: r.Traits.QueryID, Cohort: r.Cohort.Fingerprint, Traits: r.Traits.Fingerprint(), KeyID: r.Cohort.KeyID,
		Params: r.Traits.Params, Samples: r.Cohort.Samples, Blocks: r.Cohort.Blocks, Sections: r.Traits.Sections, Components: 2,
		Parts: r.Shard.Samples(r.Cohort.Samples, he.ChunkSamples),
	}
	if r.Shard != format.Whole {
		m.Shards = []format.Shard{r.Shard}
	}
	return m
}
