// Package ahead reads a file of variants ahead: it takes pieces of the file one after
// the other, makes variants of as many at a time as there are cores, and yields them in
// order. Memory is bounded by the number of pieces.
package ahead

import (
	"io/fs"
	"runtime"

	"genoveil/genomics"
)

// Variants yields the variants of a file in order.
type Variants[T byte | uint16, R any] struct {
	fill    func(raw *R) error
	worker  func() func(*Piece[T, R]) error
	stream  *stream[T, R] // nil before the first call of Next and after the last
	piece   *Piece[T, R]  // of the stream, nil if there is none
	taken   int           // variants of the piece
	passed  int           // skips of the piece
	skipped map[string]int
	first   map[string]string // details of the first, by reason
	err     error             // ends every later Next
}

// New reads pieces with fill, one after the other, into raw data that may be those of an
// earlier piece. The error that fill returns says what follows the piece: nil for another
// one, io.EOF, or why the file cannot be read on. Each call of worker returns a function
// that makes variants of pieces, one at a time; an error of it ends the reading after the
// variants that it added.
func New[T byte | uint16, R any](fill func(raw *R) error, worker func() func(*Piece[T, R]) error) *Variants[T, R] {
	return &Variants[T, R]{fill: fill, worker: worker, skipped: map[string]int{}, first: map[string]string{}}
}

// Skipped says how many variants were passed over so far, by reason. Of those that no
// program should write it says which is the first.
func (r *Variants[T, R]) Skipped() map[string]int {
	all := map[string]int{}
	for reason, n := range r.skipped {
		all[reason+r.first[reason]] = n
	}
	return all
}

// Close ends the reading. Functions that are at work end by themselves.
func (r *Variants[T, R]) Close() {
	r.endStream()
	if r.err == nil {
		r.err = fs.ErrClosed
	}
}

func (r *Variants[T, R]) endStream() {
	if r.stream != nil {
		close(r.stream.stop)
		r.stream, r.piece = nil, nil
	}
}

// Next reads the next variant and its row. An error ends the reading: every later call
// returns it again.
func (r *Variants[T, R]) Next(v *genomics.Variant, row []T) error {
	for r.err == nil {
		if r.stream == nil {
			r.stream = start(r.fill, r.worker)
		}
		if r.piece == nil {
			r.piece, r.taken, r.passed = r.stream.next(), 0, 0
		}
		p := r.piece
		for ; r.passed < len(p.skips) && p.skips[r.passed].at == r.taken; r.passed++ {
			s := p.skips[r.passed]
			if r.skipped[s.Reason]++; r.skipped[s.Reason] == 1 && s.Detail != "" {
				r.first[s.Reason] = genomics.FirstIn + s.Detail
			}
		}
		if i, n := r.taken, len(row); i < len(p.variants) {
			*v = p.variants[i]
			copy(row, p.rows[i*n:(i+1)*n])
			r.taken++
			return nil
		}
		if p.end == nil {
			r.stream.free <- p
			r.piece = nil
			continue
		}
		r.err = p.end
		r.endStream()
	}
	return r.err
}

// A stream is the goroutines that read ahead.
type stream[T byte | uint16, R any] struct {
	free   chan *Piece[T, R] // to be filled
	pieces chan *Piece[T, R] // at work or done, in order
	stop   chan struct{}     // closed to end the stream
}

func start[T byte | uint16, R any](fill func(*R) error, worker func() func(*Piece[T, R]) error) *stream[T, R] {
	cores := runtime.GOMAXPROCS(0)
	workers := make(chan func(*Piece[T, R]) error, cores)
	for range cores {
		workers <- worker()
	}
	n := 2*cores + 1
	s := &stream[T, R]{make(chan *Piece[T, R], n), make(chan *Piece[T, R], n), make(chan struct{})}
	for range n {
		s.free <- &Piece[T, R]{done: make(chan struct{}, 1)}
	}
	go func() {
		for {
			var p *Piece[T, R]
			select {
			case p = <-s.free:
			case <-s.stop:
				return
			}
			end := fill(&p.Raw)
			s.pieces <- p // it has room for all
			var work func(*Piece[T, R]) error
			select {
			case work = <-workers:
			case <-s.stop:
				return
			}
			go func() {
				p.reset()
				if p.end = work(p); p.end == nil {
					p.end = end
				}
				workers <- work
				p.done <- struct{}{}
			}()
			if end != nil {
				return
			}
		}
	}()
	return s
}

// next returns the next piece. After one with an end there is none.
func (s *stream[T, R]) next() *Piece[T, R] {
	p := <-s.pieces
	<-p.done
	return p
}
