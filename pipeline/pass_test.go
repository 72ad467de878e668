package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"genoveil/he"
	"genoveil/he/hetest"
)

// TestHalfAddedIsNotSaved: what an engine gave up in the middle of is not saved, whatever
// ended it.
func TestHalfAddedIsNotSaved(t *testing.T) {
	c := simulated(t, 100, 100, 0, 0)
	w := worldOf(t, hetest.SumParams(t, 7, 128))
	w.encrypt(c.all())
	w.query("case", c.status)
	ctx, cancel := context.WithCancel(t.Context())
	job := w.job("case", "case", Whole)
	job.Engine = &faulty{Engine: job.Engine, add: func(add func(he.Chunk) error, chunk he.Chunk, lane, call int) error {
		if lane == 1 {
			cancel()
			return ctx.Err()
		}
		return add(chunk)
	}}
	if err := job.Run(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrContinues) {
		t.Error(err)
	}
	if _, err := os.Stat(job.Path + CheckpointSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Error("half of the products were saved", err)
	}
	w.run("case", "case")
	w.decrypt("case", "case")
}

// TestWhenCheckpointsAreDue: an interval of 0 is never over, and what takes long to save is
// saved less often.
func TestWhenCheckpointsAreDue(t *testing.T) {
	for _, test := range []struct{ every, took, due time.Duration }{
		{0, 0, -1}, {0, time.Hour, -1},
		{5 * time.Minute, 0, 5 * time.Minute}, {5 * time.Minute, 15 * time.Second, 5 * time.Minute},
		{5 * time.Minute, time.Minute, 20 * time.Minute}, {time.Nanosecond, time.Second, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) { // where time passes only in Sleep
			p := &pass{every: test.every, saveTook: test.took, lastSave: time.Now()}
			if test.due < 0 {
				time.Sleep(1000 * time.Hour)
				if p.isDue() {
					t.Errorf("every %v: due", test.every)
				}
				return
			}
			time.Sleep(test.due - 1)
			early := p.isDue()
			time.Sleep(time.Nanosecond)
			if early || !p.isDue() {
				t.Errorf("every %v, after one that took %v: due before %v %v, then %v", test.every, test.took, test.due, early, p.isDue())
			}
		})
	}
}
