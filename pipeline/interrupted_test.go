package pipeline

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
	c := simulated(t, 300, 200, 0.05, 128) // three tiles, two blocks
	w := worldOf(t, hetest.SumParams(t, 7, 1024))
	w.encrypt(c.all())
	w.query("case", c.status)
	gwas, err := OpenIndex(w.path("cohort.index"))
	w.must(err)
	defer gwas.Close()
	scored, hidden := newScoreWorld(t, Score, HardCalls), newScoreWorld(t, PrivateModel, HardCalls)
	scored.encrypt(c.all())
	hidden.encrypt(c.all())
	weights := randomModel(rand.New(rand.NewPCG(1, 2)), hidden.scoreParams(), len(c.rows), 1, c.missingBlocks(128))
	scored.score(weights, "part", Whole)
	index, err := OpenIndex(hidden.path("cohort.index"), PrivateModel)
	w.must(err)
	defer index.Close()
	variants := func(ctx context.Context) error {
		index, err := OpenIndex(hidden.path("cohort.index"), PrivateModel)
		w.must(err)
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
		{"traits", w.path("new.traits"), 3, func(ctx context.Context) error {
			job := TraitsJob{
				Index: gwas, Secret: w.secret, Test: test.Find("chi2"), Sections: gwas.Whole(test.Chi2Trait("CASE", make([]pheno.Status, 300), false)),
				TraitsPath: w.path("new.traits"), PrivatePath: w.path("new.private"),
			}
			_, err := job.Run(ctx)
			return err
		}},
		{"model", hidden.path("new.model"), 3, func(ctx context.Context) error {
			return EncryptModel(ctx, hidden.path("new.model"), &index.Index, hidden.secret, weights)
		}},
		{"merge", scored.path("new.scores"), 4, func(ctx context.Context) error {
			_, err := (&MergeJob{Paths: []string{scored.path("part.scores")}, Path: scored.path("new.scores"), Complete: true, Threads: 2, Memory: 1}).Run(ctx)
			return err
		}},
		{"run", w.path("again.sums"), 1, // one batch
			func(ctx context.Context) error {
				err := w.job("case", "again", Whole).Run(ctx)
				if errors.Is(err, ErrContinues) {
					w.must(os.Remove(w.path("again.sums.checkpoint"))) // from the beginning each time
					return context.Canceled
				}
				return err
			}},
		{"panel", scored.path("new.vcf.gz"), 4, func(ctx context.Context) error {
			_, err := WritePanel(ctx, scored.path("cohort.index"), scored.path("new.vcf.gz"), "")
			return err
		}},
		{"variants", hidden.path("none"), 2, variants},
		{"score", scored.path("again.scores"), 4, func(ctx context.Context) error {
			_, err := scored.job(weights, "again", Whole).Run(ctx)
			if errors.Is(err, ErrContinues) {
				w.must(os.Remove(scored.path("again.scores.checkpoint"))) // from the beginning each time
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
