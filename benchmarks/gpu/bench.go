//go:build cuda

package main

import (
	"slices"
	"time"

	"genoveil/gpu"
	"genoveil/he"
	"genoveil/kernels/cuda"
	"genoveil/kernels/cuda/word64"
	"genoveil/pipeline/format"
)

// A bench is one device and what was measured on it.
type bench struct {
	quick  bool
	device *gpu.Device
	stream *gpu.Stream
	chain  he.Chain // of hard calls
	ring   *cuda.Ring
	result result

	err    error       // of the first allocation that failed
	arrays []gpu.Words // of the measurement under way
}

func newBench(ordinal int, quick bool) (*bench, error) {
	d, err := gpu.Open(ordinal, append(cuda.Modules(), word64.Modules()...))
	if err != nil {
		return nil, err
	}
	b := &bench{quick: quick, device: d, result: result{Device: d.Info(), Quick: quick, Date: time.Now().UTC().Format(time.DateOnly)}}
	params, err := format.Plan(1000, format.HardCalls)
	if err != nil {
		return nil, err
	}
	b.chain = params.Chain()
	if quick {
		b.chain.LogN = 10
	}
	b.stream, err = d.NewStream()
	if err == nil {
		b.ring, err = cuda.NewRing(d, b.chain.N(), slices.Concat(b.chain.ColumnPrimes(), b.chain.Switches))
	}
	return b, err
}

// size is n, or small in a quick run.
func (b *bench) size(n, small int) int {
	if b.quick {
		return small
	}
	return n
}

// zeros is cleared memory until release.
func (b *bench) zeros(words int) gpu.Words {
	if b.err != nil {
		return gpu.Words{}
	}
	w, err := b.device.Alloc(words)
	if err == nil {
		b.arrays = append(b.arrays, w)
		err = b.stream.Zero(w)
	}
	b.err = err
	return w
}

// words is memory with these words until release.
func (b *bench) words(words []uint32) gpu.Words {
	w := b.zeros(len(words))
	if b.err == nil {
		b.err = b.stream.Write(w, words)
	}
	return w
}

// residues are polynomials [count][primes][N] of random residues: a card that computes
// with zeros draws less power and is faster.
func (b *bench) residues(count, primes int) gpu.Words {
	w := b.zeros(count * primes * b.ring.N)
	seeds := make([]uint32, 8*count)
	for i := range seeds {
		seeds[i] = uint32(i)
	}
	s := b.words(seeds)
	if b.err == nil {
		b.err = b.ring.Uniform(b.stream, w, s, count, primes, 1)
	}
	return w
}

// addresses are the addresses of equal parts of arrays, [part][array].
func (b *bench) addresses(parts int, arrays ...gpu.Words) gpu.Words {
	var words []uint32
	for i := range parts {
		for _, a := range arrays {
			at := a.Address() + uint64(4*a.Len()/parts*i)
			words = append(words, uint32(at), uint32(at>>32))
		}
	}
	return b.words(words)
}

// release frees all memory.
func (b *bench) release() error {
	err := b.stream.Synchronize()
	for _, w := range b.arrays {
		b.device.Free(w)
	}
	b.arrays = nil
	return err
}

// seconds is the median time of a call, each queued many times.
func (b *bench) seconds(call func() error) (float64, error) {
	const least, repeats = 100 * time.Millisecond, 5
	batch := func(n int) (time.Duration, error) {
		start := time.Now()
		for range n {
			if err := call(); err != nil {
				return 0, err
			}
		}
		err := b.stream.Synchronize()
		return time.Since(start), err
	}
	if b.err != nil {
		return 0, b.err
	}
	n := 1
	took, err := batch(n) // loads the kernel, too
	if b.quick || err != nil {
		return took.Seconds(), err
	}
	for took = 0; took < least; {
		if took, err = batch(n); err != nil {
			return 0, err
		}
		if took < least {
			n *= 2
		}
	}
	var times []float64
	for range repeats {
		if took, err = batch(n); err != nil {
			return 0, err
		}
		times = append(times, took.Seconds()/float64(n))
	}
	slices.Sort(times)
	return times[repeats/2], nil
}

// measure adds a row. work says what a call does.
func (b *bench) measure(work row, call func() error) error {
	seconds, err := b.seconds(call)
	if err != nil {
		return err
	}
	b.result.add(work, seconds)
	return nil
}
