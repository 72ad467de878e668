package pipeline_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"

	"genoveil/genomics/pheno"
	"genoveil/genomics/test"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/model"
	"genoveil/pipeline/owner"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/private"
	"genoveil/pipeline/site"
)

// A fading context ends when it has been looked at so many times.
type fading struct {
	context.Context
	looks atomic.Int64
}

func (f *fading) Err() error {
	if f.looks.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestInterruptedAnywhere interrupts jobs wherever they look at their context. They look
// once a tile, block or ciphertext at least, and leave nothing.
func TestInterruptedAnywhere(t *testing.T) {
	c := pipelinetest.Simulated(t, 300, 200, 0.05, 128) // three tiles, two blocks
	w := pipelinetest.WorldOf(t, hetest.SumParams(t, 7, 1024))
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	gwas, err := private.OpenIndex(w.Path("cohort.index"))
	w.Must(err)
	defer gwas.Close()
	scored, hidden := pipelinetest.NewScoreWorld(t, format.Score, format.HardCalls), pipelinetest.NewScoreWorld(t, format.PrivateModel, format.HardCalls)
	scored.Encrypt(c.All())
	hidden.Encrypt(c.All())
	weights := pipelinetest.RandomModel(rand.New(rand.NewPCG(1, 2)), hidden.ScoreParams(), len(c.Rows), 1, c.MissingBlocks(128))
	scored.Score(weights, "part", format.Whole)
	index, err := private.OpenIndex(hidden.Path("cohort.index"), format.PrivateModel)
	w.Must(err)
	defer index.Close()
	variants := func(ctx context.Context) error {
		index, err := private.OpenIndex(hidden.Path("cohort.index"), format.PrivateModel)
		w.Must(err)
		defer index.Close()
		_, err = index.AllVariants(ctx)
		return err
	}
	for _, job := range []struct {
		name  string
		out   string
		looks int // at least
		run   func(ctx context.Context) error
	}{
		{"traits", w.Path("new.traits"), 3, func(ctx context.Context) error {
			job := owner.TraitsJob{
				Index: gwas, Secret: w.Secret, Test: test.Find("chi2"), Sections: gwas.Whole(test.Chi2Trait("CASE", make([]pheno.Status, 300), false)),
				TraitsPath: w.Path("new.traits"), PrivatePath: w.Path("new.private"),
			}
			_, err := job.Run(ctx)
			return err
		}},
		{"model", hidden.Path("new.model"), 3, func(ctx context.Context) error {
			return model.EncryptModel(ctx, hidden.Path("new.model"), &index.Index, hidden.Secret, weights)
		}},
		{"merge", scored.Path("new.scores"), 4, func(ctx context.Context) error {
			_, err := (&site.MergeJob{Paths: []string{scored.Path("part.scores")}, Path: scored.Path("new.scores"), Complete: true, Threads: 2, Memory: 1}).Run(ctx)
			return err
		}},
		{"run", w.Path("again.sums"), 1, // one batch
			func(ctx context.Context) error {
				err := w.Job("case", "again", format.Whole).Run(ctx)
				if errors.Is(err, site.ErrContinues) {
					w.Must(os.Remove(w.Path("again.sums.checkpoint"))) // from the beginning each time
					return context.Canceled
				}
				return err
			}},
		{"panel", scored.Path("new.vcf.gz"), 4, func(ctx context.Context) error {
			_, err := owner.WritePanel(ctx, scored.Path("cohort.index"), scored.Path("new.vcf.gz"), "")
			return err
		}},
		{"variants", hidden.Path("none"), 2, variants},
		{"score", scored.Path("again.scores"), 4, func(ctx context.Context) error {
			_, err := scored.Job(weights, "again", format.Whole).Run(ctx)
			if errors.Is(err, site.ErrContinues) {
				w.Must(os.Remove(scored.Path("again.scores.checkpoint"))) // from the beginning each time
				return context.Canceled
			}
			return err
		}},
	} {
		for looks := 0; ; looks++ {
			ctx := &fading{Context: t.Context()}
			ctx.looks.Store(int64(looks))
			err := job.run(ctx)
			if err == nil && looks >= job.looks {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("%s, interrupted at look %d of %d or more: %v", job.name, looks+1, job.looks, err)
			}
			if _, err := os.Stat(job.out); err == nil {
				t.Fatalf("%s, interrupted at look %d, left %s", job.name, looks+1, job.out)
			}
		}
	}
}
