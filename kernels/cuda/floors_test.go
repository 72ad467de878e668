//go:build cuda

package cuda

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/gpu"
)

func TestFloors(t *testing.T) {
	d, err := gpu.Open(0, Modules())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s, err := d.NewStream()
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	src, got := make([]uint32, 4*1000), make([]uint32, 4*1000)
	for i := range src {
		src[i] = r.Uint32()
	}
	from, err := d.Alloc(len(src))
	if err != nil {
		t.Fatal(err)
	}
	to, err := d.Alloc(len(src))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{s.Write(from, src), FloorCopy(s, to, from, 2), s.Read(got, to)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, src) {
		t.Error("the copy differs")
	}

	const rounds = 3
	products := to.Slice(0, 2*2*floorThreads)
	for _, err := range []error{FloorMultiply(s, products, rounds), s.Read(got[:products.Len()], products)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range products.Len() / 2 {
		var all uint64
		for k := range 16 {
			sum := uint64(i + k)
			for range rounds {
				sum += uint64(uint32(sum)) * 0x9e3779b9
			}
			all ^= sum
		}
		if got[2*i] != uint32(all) || got[2*i+1] != uint32(all>>32) {
			t.Fatalf("thread %d: %x %x, want %x", i, got[2*i+1], got[2*i], all)
		}
	}
}
