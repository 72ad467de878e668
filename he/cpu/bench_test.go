package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"

	"genoveil/he"
	"genoveil/he/hetest"
)

// BenchmarkKeySwitch times one key-switch with four digits and one switch prime,
// N = 8192, beside Lattigo's.
func BenchmarkKeySwitch(b *testing.B) {
	chain := hetest.Chain(13, 4, 0)
	_, keys := hetest.Keys(b, chain)
	e, err := New(keys, 1)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	b.Run("ours", func(b *testing.B) {
		w, poly := e.s.newScratch(), hetest.Residues(r, chain.ColumnPrimes(), 4, e.s.n, false)
		for b.Loop() {
			e.s.keySwitch(w, poly, e.relinearize)
		}
	})
	b.Run("Lattigo", func(b *testing.B) {
		params, set, err := keys.Lattigo()
		if err != nil {
			b.Fatal(err)
		}
		evaluator := rlwe.NewEvaluator(params, set)
		in, out := rlwe.NewCiphertext(params, 1, 3), rlwe.NewCiphertext(params, 1, 3)
		in.IsNTT = true
		for b.Loop() {
			evaluator.GadgetProduct(3, in.Value[1], &set.RelinearizationKey.GadgetCiphertext, out)
		}
	})
}

// BenchmarkExpand expands full chunks, one after the other.
func BenchmarkExpand(b *testing.B) {
	chain := hetest.Chain(13, 3, 1)
	_, keys := hetest.Keys(b, chain)
	e, err := New(keys, 1)
	if err != nil {
		b.Fatal(err)
	}
	for _, count := range []int{1, 8} {
		b.Run(fmt.Sprint("columns=", count), func(b *testing.B) {
			var columns []he.SeededCiphertext
			for range count {
				columns = append(columns, hetest.Column(rand.New(rand.NewPCG(3, 4)), chain, false))
			}
			x := e.NewExpansion(columns)
			from := 0
			for b.Loop() {
				c, err := x.Expand(from, from+he.ChunkSamples)
				if err != nil {
					b.Fatal(err)
				}
				c.Release()
				from = (from + he.ChunkSamples) % chain.N()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/he.ChunkSamples/float64(count), "ns/constant")
		})
	}
}
