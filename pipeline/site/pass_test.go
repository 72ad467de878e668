package site

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

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

// TestUnreadChunkIsNotCounted: where reading ends before a chunk is complete, the chunk
// fails even if the error that ended it has not cancelled the work yet. Otherwise the
// chunk would be counted and saved, and the same command would go on after it and write a
// file that lacks it.
func TestUnreadChunkIsNotCounted(t *testing.T) {
	for _, lacks := range []string{"a step", "what is read"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			steps, read := make(chan step, 1), make(chan readChunks)
			if lacks == "what is read" {
				steps <- sumStep{}
			}
			close(steps)
			close(read)
			ended := make(chan error, 1)
			go func() { ended <- new(pass).add(ctx, &stretch{last: 1, lanes: 1}, steps, read) }()
			synctest.Wait() // the chunk has ended, or waits
			select {
			case err := <-ended:
				t.Errorf("without %s: ended with %v", lacks, err)
				return
			default:
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("without %s: %v", lacks, err)
			}
		})
	}
}

// unsaved is work whose output cannot be brought to disk.
type unsaved struct {
	work
	kept bool
}

var errDisk = errors.New("no space left on device")

func (u *unsaved) snapshot() (*snapshot, error) { return nil, errDisk }

func (u *unsaved) leave(keep bool) error {
	u.kept = keep
	return nil
}

// TestInterruptKeepsEarlierCheckpoint: an interrupt that cannot save leaves what the
// checkpoint before it needs, and says why it saved nothing.
func TestInterruptKeepsEarlierCheckpoint(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for saved, want := range map[bool]error{true: ErrContinues, false: context.Canceled} {
		var log bytes.Buffer
		u := new(unsaved)
		p := &pass{work: u, saved: saved, log: slog.New(slog.NewTextHandler(&log, nil))}
		if err := p.stop(ctx, ctx.Err()); !errors.Is(err, want) || u.kept != saved {
			t.Errorf("saved before %v: kept %v, %v", saved, u.kept, err)
		}
		if !strings.Contains(log.String(), errDisk.Error()) {
			t.Errorf("saved before %v: told %q", saved, log.String())
		}
	}
}
