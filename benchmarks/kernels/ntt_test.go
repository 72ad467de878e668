package kernels_test

import (
	"testing"

	"github.com/tuneinsight/lattigo/v5/ring"

	"genoveil/kernels/cpu"
)

// BenchmarkNTT transforms one polynomial modulo one 28-bit prime.
func BenchmarkNTT(b *testing.B) { transform(b, (*cpu.NTT).Forward, (*ring.SubRing).NTT) }

// BenchmarkInverseNTT transforms it back.
func BenchmarkInverseNTT(b *testing.B) { transform(b, (*cpu.NTT).Inverse, (*ring.SubRing).INTT) }

func transform(b *testing.B, ours func(*cpu.NTT, []uint32), theirs func(s *ring.SubRing, in, out []uint64)) {
	chain := params(b).Chain()
	q := chain.Sums[0]
	ntt, err := cpu.NewNTT(chain.N(), q)
	if err != nil {
		b.Fatal(err)
	}
	lattigo, err := ring.NewRing(chain.N(), []uint64{uint64(q)})
	if err != nil {
		b.Fatal(err)
	}
	a, wide := make([]uint32, chain.N()), make([]uint64, chain.N())
	r := random()
	for i := range a {
		a[i] = r.Uint32N(q)
		wide[i] = uint64(a[i])
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			ours(ntt, a)
		}
	})
	b.Run("Lattigo", func(b *testing.B) {
		for b.Loop() {
			theirs(lattigo.SubRings[0], wide, wide)
		}
	})
}
