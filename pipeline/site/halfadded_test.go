package site_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
	"genoveil/pipeline/format"
	"genoveil/pipeline/pipelinetest"
	"genoveil/pipeline/site"
)

// TestHalfAddedIsNotSaved: what an engine gave up in the middle of is not saved, whatever
// ended it.
func TestHalfAddedIsNotSaved(t *testing.T) {
	c := pipelinetest.Simulated(t, 100, 100, 0, 0)
	w := pipelinetest.WorldOf(t, hetest.SumParams(t, 7, 128))
	w.Encrypt(c.All())
	w.Query("case", c.Status)
	ctx, cancel := context.WithCancel(t.Context())
	job := w.Job("case", "case", format.Whole)
	job.Engine = &pipelinetest.Faulty{Engine: job.Engine, OnAdd: func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
		if lane == 1 {
			cancel()
			return ctx.Err()
		}
		return add(chunk)
	}}
	if err := job.Run(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, site.ErrContinues) {
		t.Error(err)
	}
	if _, err := os.Stat(job.Path + site.CheckpointSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Error("half of the products were saved", err)
	}
	w.Run("case", "case")
	w.Decrypt("case", "case")
}
