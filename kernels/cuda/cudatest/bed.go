//go:build cuda

// Package cudatest puts arrays on a device for tests, and looks whether kernels write beside them.
package cudatest

import (
	"slices"
	"testing"

	"genoveil/gpu"
)

// guard is the number of words before and after every array of a bed.
const guard = 96

const guardWord = 0xdeadbeef

// A Bed is a device and arrays on it between guard words, which must be as they were when
// the test ends.
type Bed struct {
	T      *testing.T
	Device *gpu.Device
	Stream *gpu.Stream
}

// New is a bed with a stream of its own.
func New(t *testing.T, open func() (*gpu.Device, error)) *Bed {
	t.Helper()
	d, err := open()
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.NewStream()
	if err != nil {
		t.Fatal(err)
	}
	return &Bed{t, d, s}
}

// Array puts words on the device.
func (b *Bed) Array(words []uint32) gpu.Words {
	b.T.Helper()
	guards := slices.Repeat([]uint32{guardWord}, guard)
	all, err := b.Stream.Put(slices.Concat(guards, words, guards))
	b.Must(err)
	b.T.Cleanup(func() {
		for _, from := range []int{0, guard + len(words)} {
			if !slices.Equal(b.Read(all.Slice(from, from+guard)), guards) {
				b.T.Errorf("words beside an array of %d are overwritten", len(words))
			}
		}
		b.Device.Free(all)
	})
	return all.Slice(guard, guard+len(words))
}

// Read is what an array has now.
func (b *Bed) Read(w gpu.Words) []uint32 {
	b.T.Helper()
	words := make([]uint32, w.Len())
	b.Must(b.Stream.Read(words, w))
	return words
}

// Must ends the test at an error.
func (b *Bed) Must(err error) {
	b.T.Helper()
	if err != nil {
		b.T.Fatal(err)
	}
}

// Equal compares an array with what a twin makes.
func (b *Bed) Equal(got gpu.Words, want []uint32, what string) {
	b.T.Helper()
	for i, x := range b.Read(got) {
		if x != want[i] {
			b.T.Fatalf("%s: word %d of %d is %d, want %d", what, i, len(want), x, want[i])
		}
	}
}
