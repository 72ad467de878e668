package kernels_test

import (
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
)

// BenchmarkKeySwitch times one key-switch with 4 + 1 primes: ours as the
// relinearisation of one sum, which also allocates the sum; Lattigo's as the
// relinearisation of a ciphertext and as an automorphism. he/cpu has a benchmark
// of the bare routine.
func BenchmarkKeySwitch(b *testing.B) {
	chain := hetest.Chain(13, 4, 0)
	_, keys := hetest.Keys(b, chain)
	b.Run("ours", func(b *testing.B) {
		engine, err := cpu.New(keys, 1)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := engine.NewAccumulator([]int{0}).Sums(); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, evaluator := evaluator(b, keys)
	b.Run("Lattigo", func(b *testing.B) {
		in, out := ciphertext(random(), p, 2, p.MaxLevel()), rlwe.NewCiphertext(p, 1, p.MaxLevel())
		for b.Loop() {
			if err := evaluator.Relinearize(in, out); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Lattigo, Automorphism", func(b *testing.B) {
		in, out := ciphertext(random(), p, 1, p.MaxLevel()), rlwe.NewCiphertext(p, 1, p.MaxLevel())
		element := chain.ExpansionSteps()[0].Element(chain.N(), 1)
		for b.Loop() {
			if err := evaluator.Automorphism(in, element, out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkExpand times the expansion of one column, chunk after chunk. A tree of
// automorphisms with two children a node takes one key-switch and a division by the
// dropped prime for every sample: that is what Lattigo's side does.
func BenchmarkExpand(b *testing.B) {
	chain := params(b).Chain()
	_, keys := hetest.Keys(b, chain)
	b.Run("ours", func(b *testing.B) {
		engine, err := cpu.New(keys, 1)
		if err != nil {
			b.Fatal(err)
		}
		expansion := engine.NewExpansion([]he.SeededCiphertext{hetest.Column(random(), chain, false)})
		from := 0
		for b.Loop() {
			constants, err := expansion.Expand(from, from+he.ChunkSamples)
			if err != nil {
				b.Fatal(err)
			}
			constants.Release()
			from = (from + he.ChunkSamples) % chain.N()
		}
		per(b, he.ChunkSamples, "sample")
	})
	b.Run("Lattigo", func(b *testing.B) {
		p, evaluator := evaluator(b, keys)
		in, out := ciphertext(random(), p, 1, p.MaxLevel()), rlwe.NewCiphertext(p, 1, p.MaxLevel())
		element := chain.ExpansionSteps()[0].Element(chain.N(), 1)
		buffer := p.RingQ().NewPoly()
		for b.Loop() {
			if err := evaluator.Automorphism(in, element, out); err != nil {
				b.Fatal(err)
			}
			for _, poly := range out.Value {
				p.RingQ().DivRoundByLastModulusNTT(poly, buffer, poly)
			}
		}
		per(b, 1, "sample")
	})
}
