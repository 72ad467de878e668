package kernels_test

import (
	"math/bits"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

// BenchmarkExpand expands one column for a chunk of 64 samples: one key-switch
// modulo 4 + 1 primes for each of the 63 nodes of their subtree and of the seven
// above it, the additions that go with each, and 64 divisions by a prime. ns/key-switch
// is the whole divided by the key-switches. "Lattigo" is the same tree on
// Lattigo's evaluator, "Lattigo, Automorphism" its key-switches alone.
func BenchmarkExpand(b *testing.B) {
	chain := params(b).Chain()
	_, keys := hetest.Keys(b, params(b).Chain())
	column := hetest.Column(random(), chain, false)
	const samples = he.ChunkSamples
	switches := samples - 1 + chain.LogN - (bits.Len(samples) - 1)
	ours, err := cpu.New(keys, 1)
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := reference.New(keys)
	if err != nil {
		b.Fatal(err)
	}
	for _, engine := range []struct {
		name string
		he.Engine
	}{{"ours", ours}, {"Lattigo", theirs}} {
		b.Run(engine.name, func(b *testing.B) {
			for b.Loop() {
				constants, err := engine.Expand([]he.PackedColumn{column}, 0, samples)
				if err != nil {
					b.Fatal(err)
				}
				constants.Release()
			}
			per(b, switches, "key-switch")
		})
	}
	b.Run("Lattigo, Automorphism", func(b *testing.B) {
		p, evaluator := evaluator(b, keys)
		in := ciphertext(random(), p, 1, p.MaxLevel())
		out := rlwe.NewCiphertext(p, 1, p.MaxLevel())
		for b.Loop() {
			for i := range switches {
				if err := evaluator.Automorphism(in, chain.ExpandElement(i%chain.LogN), out); err != nil {
					b.Fatal(err)
				}
			}
		}
		per(b, switches, "key-switch")
	})
}

// BenchmarkRelinearize relinearises one sum modulo 3 + 1 primes. Ours is with a
// new accumulator.
func BenchmarkRelinearize(b *testing.B) {
	_, keys := hetest.Keys(b, params(b).Chain())
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
	b.Run("Lattigo", func(b *testing.B) {
		p, evaluator := evaluator(b, keys)
		level := len(keys.Chain.Sums) - 1
		in, out := ciphertext(random(), p, 2, level), rlwe.NewCiphertext(p, 1, level)
		for b.Loop() {
			if err := evaluator.Relinearize(in, out); err != nil {
				b.Fatal(err)
			}
		}
	})
}
