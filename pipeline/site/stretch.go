package site

import (
	"context"

	"golang.org/x/sync/errgroup"

	"genoveil/he"
	"genoveil/pipeline/chunkfile"
	"genoveil/pipeline/format"
	"genoveil/pipeline/parallel"
)

// A stretch is chunks of samples, for each of which all of its lanes are multiplied, some
// at a time.
type stretch struct {
	first, last int // chunks of samples
	lanes       int
	lane        func(i int) (block int, plane format.Plane)
	atATime     int // lanes
	done        int // lanes of the first chunk that are done
}

// A step is the work on one chunk of samples.
type step interface {
	// add multiplies the chunks of some lanes, in their order, of which first is the first.
	add(first int, chunks []he.Chunk) error

	// end comes after all lanes.
	end() error
}

// readChunks are chunks of the same samples, ready to be multiplied, what verifies them
// afterwards, and their memory.
type readChunks struct {
	first  int // lane
	chunks []he.Chunk
	finish []func() error
	memory []*chunkfile.Mapping
}

// multiply goes through chunks of samples; within a chunk, a few lanes at a time, each
// multiplied by all goroutines together. While chunks are multiplied the next ones are
// read, and the next step is prepared.
func (p *pass) multiply(ctx context.Context, s *stretch) error {
	if p.memory == nil {
		p.memory = newMappings(2 * s.atATime)
	}
	tasks, ctx := errgroup.WithContext(ctx)
	steps, read := make(chan step), make(chan readChunks)
	tasks.Go(func() error {
		defer close(steps)
		for chunk := s.first; chunk < s.last; chunk++ {
			x, err := p.work.step(chunk)
			if err != nil {
				return err
			}
			if err := parallel.Send(ctx, steps, x); err != nil {
				return err
			}
		}
		return nil
	})
	tasks.Go(func() error {
		defer close(read)
		for chunk, lane := s.first, s.done; chunk < s.last; chunk, lane = chunk+1, 0 {
			for ; lane < s.lanes; lane += s.atATime {
				r, err := p.read(ctx, s, chunk, lane)
				if err != nil {
					return err
				}
				if err := parallel.Send(ctx, read, r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	tasks.Go(func() error { return p.add(ctx, s, steps, read) })
	return tasks.Wait()
}

// read reads one chunk of samples for some lanes, in parallel.
func (p *pass) read(ctx context.Context, s *stretch, chunk, lane int) (readChunks, error) {
	n := min(s.atATime, s.lanes-lane)
	memory, err := p.memory.take(ctx, n)
	r := readChunks{lane, make([]he.Chunk, n), make([]func() error, n), memory}
	if err != nil {
		return r, err
	}
	return r, parallel.Each(ctx, p.threads, n, func(i int) (err error) {
		block, plane := s.lane(lane + i)
		r.chunks[i], r.finish[i], err = p.cohort.ReadChunk(memory[i], block, plane, chunk)
		return err
	})
}

// add adds what is read, and saves a checkpoint where one is due.
func (p *pass) add(ctx context.Context, s *stretch, steps <-chan step, read <-chan readChunks) error {
	for chunk, lane := s.first, s.done; chunk < s.last; chunk, lane = chunk+1, 0 {
		x, err := parallel.Receive(ctx, steps)
		if err != nil {
			return err
		}
		for lane < s.lanes {
			// What is read already does not keep an interrupt waiting.
			r, err := parallel.Receive(ctx, read)
			if err != nil {
				return err
			}
			p.broken = true
			if err := format.Verified(x.add(r.first, r.chunks), r.finish); err != nil {
				return err
			}
			p.memory.give(r.memory)
			if lane += len(r.chunks); lane == s.lanes {
				if err := x.end(); err != nil {
					return err
				}
			}
			p.broken = false
			p.progress.Report(p.work.progress())
			if (lane == s.lanes || !p.whole) && p.isDue() {
				if err := p.save(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
