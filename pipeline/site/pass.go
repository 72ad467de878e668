package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/progress"
)

// A pass goes once through the chunks of a shard, multiplies them and writes what comes
// of it. It saves a checkpoint now and then and when it is interrupted, and continues from
// one.
type pass struct {
	cohort   *format.Cohort
	work     work
	path     string
	kind     string        // of the checkpoint
	whole    bool          // checkpoints are of whole chunks alone
	threads  int           // that read
	every    time.Duration // between checkpoints; 0: only at an interrupt
	due      func() bool   // for tests: takes the place of every
	log      *slog.Logger  // may be nil
	progress progress.Func

	memory     *mappings // for chunks
	broken     bool      // the work in memory is not what it says
	checkpoint *Checkpoint
	saved      bool          // the checkpoint on disk is of this work
	warned     bool          // that none could be written
	lastSave   time.Time     // its end
	saveTook   time.Duration // the last one
}

// What is done in a pass is work: sums or scores.
type work interface {
	// prepare makes what is needed, and returns all that determines the result.
	prepare(ctx context.Context) (identity any, err error)

	// begin begins.
	begin() error

	// restore continues from a checkpoint, to which the temporary files in keep belong. The
	// error is errComplete if the output is complete; after any other, begin is called.
	restore(saved *chunkfile.Reader, state json.RawMessage) (keep []string, err error)

	// next is what is to be done from where the work stands; nil if nothing is.
	next() *stretch

	// step prepares to multiply a chunk of samples, while those before are multiplied.
	step(chunk int) (step, error)

	// finish ends a stretch, of which all is multiplied.
	finish(ctx context.Context) error

	// progress is the number of products so far, and of all.
	progress() (done, total int)

	// snapshot is what a checkpoint has to hold. An error is one of the output.
	snapshot() (*snapshot, error)

	// commit writes what remains of the output.
	commit(ctx context.Context) error

	// leave ends without the output, and keeps what a checkpoint needs of it or nothing.
	leave(keep bool) error
}

// errComplete says that a run was killed after the output got its name and before its
// checkpoint was deleted.
var errComplete = errors.New("the output is complete")

// A snapshot is a state and chunks for a checkpoint.
type snapshot struct {
	state any
	sizes []int64
	write func(w *chunkfile.Writer) error
}

// run does the work.
func (p *pass) run(ctx context.Context) error {
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	lock, err := atomicfile.TakeLock(p.path)
	if err != nil {
		return err
	}
	defer lock.Release()
	identity, err := p.work.prepare(ctx)
	if err != nil {
		return err
	}
	if p.checkpoint, err = NewCheckpoint(p.path, p.kind, identity); err != nil {
		return err
	}
	keep, err := p.restore()
	// Temporary files of killed runs are deleted, but for those to continue.
	errClean := errors.Join(lock.Clean(p.path, keep...), lock.Clean(p.checkpoint.Path()))
	switch {
	case errors.Is(err, errComplete):
		return errors.Join(errClean, p.checkpoint.Remove())
	case errClean != nil:
		return errors.Join(errClean, p.work.leave(p.saved))
	case !p.saved:
		if err := p.work.begin(); err != nil {
			return err
		}
	}
	p.lastSave = time.Now()
	defer func() {
		if p.memory != nil {
			p.memory.close()
		}
	}()
	for s := p.work.next(); s != nil; s = p.work.next() {
		if err = ctx.Err(); err == nil {
			err = p.multiply(ctx, s)
		}
		if err == nil {
			err = p.work.finish(ctx)
		}
		if err != nil {
			return p.stop(ctx, err)
		}
	}
	if err := p.work.commit(ctx); err != nil {
		return p.stop(ctx, err)
	}
	return p.checkpoint.Remove()
}

// restore continues from the checkpoint, if there is one that can be used.
func (p *pass) restore() (keep []string, err error) {
	var state json.RawMessage
	saved, err := p.checkpoint.Open(&state)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err == nil {
		defer saved.Close()
		keep, err = p.work.restore(saved, state)
	}
	switch {
	case err == nil:
		p.saved = true
		done, total := p.work.progress()
		p.log.Info(fmt.Sprintf("continuing from %s: %d of %d chunks done", p.checkpoint.Path(), done, total), "done", done, "total", total, "continued", true)
	case !errors.Is(err, errComplete):
		p.log.Warn(fmt.Sprintf("starting from the beginning, %s cannot be used: %v", p.checkpoint.Path(), err))
	}
	if err != nil {
		return nil, err
	}
	return keep, nil
}

// minPause bounds the time that checkpoints take, where they take long, to a
// twentieth. The 2560 running sums of --memory 2GB at log_n = 13 (754 MB) take
// 1.4 to 5.6 s on a shared virtual disk (two cores of a Zen 4), 0.5 to 2% of 5 minutes;
// most of it is waiting for the disk.
const minPause = 20

func (p *pass) isDue() bool {
	if p.due != nil {
		return p.due()
	}
	return p.every > 0 && time.Since(p.lastSave) >= max(p.every, minPause*p.saveTook)
}

// save saves a checkpoint; that it cannot be written is no more than a warning, once
// until it can. The multiplication waits for it.
func (p *pass) save() error {
	start := time.Now()
	s, err := p.work.snapshot()
	if err != nil {
		return err // of the output, which must not fail
	}
	if err := p.checkpoint.Save(s); err == nil {
		p.saved, p.warned = true, false
	} else if !p.warned {
		p.warned = true
		p.log.Warn(fmt.Sprintf("cannot save a checkpoint: %v", err))
	}
	p.lastSave, p.saveTook = time.Now(), time.Since(start)
	return nil
}

// stop ends a pass that cannot go on. What was saved stays, for the same command to
// continue, after an interrupt and after an error that can be put right.
func (p *pass) stop(ctx context.Context, err error) error {
	interrupted := ctx.Err() != nil && errors.Is(err, ctx.Err()) && !p.broken
	if interrupted {
		// If the output cannot be saved, the checkpoint before still has its part of it.
		if err := p.save(); err != nil {
			p.log.Warn(fmt.Sprintf("cannot save what was done since the last checkpoint: %v", err))
		}
	}
	if errLeave := p.work.leave(p.saved); errLeave != nil {
		return errors.Join(err, errLeave)
	}
	switch {
	case !p.saved:
		return err
	case !interrupted:
		return fmt.Errorf("%w; fix that, and the same command continues from %s", err, p.checkpoint.Path())
	}
	return ErrContinues
}
