package pipeline

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"genoveil/he"
)

// RunJob evaluates encrypted traits on an encrypted cohort. It holds no secret.
type RunJob struct {
	Cohort   *Cohort
	Traits   *Traits
	Keys     *he.EvaluationKeys
	Engine   he.Engine
	Shard    Shard
	Path     string // .sums file
	Threads  int
	Memory   int64    // bytes for constants, accumulators and chunks
	Progress Progress // chunk × block × plane products

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
	lock, err := TakeLock(r.Path)
	if err != nil {
		return err
	}
	defer lock.Release()
	e, err := r.start(lock)
	if err != nil || e == nil {
		return err
	}
	defer e.memory.close()
	if err = e.evaluate(ctx); err == nil {
		_, err = e.writer.Commit()
	}
	if err != nil {
		return e.stop(ctx, err)
	}
	return e.checkpoint.Remove()
}

// Genotypes is the number of genotypes in the shard, with those that fill the last
// block.
func (r *RunJob) Genotypes() int64 {
	first, last := r.Shard.chunks(r.Cohort.Chunks())
	samples := min(last*he.ChunkSamples, r.Cohort.Samples) - first*he.ChunkSamples
	return int64(max(samples, 0)) * int64(len(r.Cohort.Blocks)) * int64(r.Cohort.Params.N())
}

// Check refuses files that do not belong together.
func (r *RunJob) Check() error {
	if err := r.Traits.Fits(r.Cohort); err != nil {
		return err
	}
	switch {
	case r.Traits.KeyID != r.Cohort.KeyID || keyID(r.Keys.KeyID) != r.Cohort.KeyID:
		return fmt.Errorf("keys differ: cohort %s, traits %s, evaluation keys %s", r.Cohort.KeyID, r.Traits.KeyID, keyID(r.Keys.KeyID))
	case !r.Keys.Chain.Equal(r.Cohort.Params.Chain()):
		return fmt.Errorf("the evaluation keys are for a different parameter set; this cohort has %s, which need %s", r.Cohort.Genotypes, map[Encoding]string{
			HardCalls: "eval.key", Dosages: "eval-dosage.key ('genoveil keygen --dosage' makes it)"}[r.Cohort.Genotypes])
	}
	return nil
}

func (r *RunJob) meta(first, last int) *SumsMeta {
	m := &SumsMeta{
		QueryID: r.Traits.QueryID, Cohort: r.Cohort.Fingerprint, Traits: r.Traits.Fingerprint(), KeyID: r.Cohort.KeyID,
		Params: r.Cohort.Params, Samples: r.Cohort.Samples, Blocks: r.Cohort.Blocks, Sections: r.Traits.Sections, Components: 2,
	}
	if first < last {
		from, _ := r.Cohort.chunkRange(first)
		_, to := r.Cohort.chunkRange(last - 1)
		m.Parts = []Part{{from, to}}
	}
	if r.Shard != Whole {
		m.Shards = []Shard{r.Shard}
	}
	return m
}
