package kernels_test

import (
	"fmt"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/utils/sampling"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
)

// BenchmarkMultiplyAdd multiplies a chunk of 64 samples by the constants of one
// column and adds the products: three accumulators, seeded halves made from the
// seed. A genotype is one of the 64·N values. "Lattigo" does the same with its
// own seeded sampler and its fused multiplication and addition.
func BenchmarkMultiplyAdd(b *testing.B) {
	chain := params(b).Chain()
	const samples = he.ChunkSamples
	_, keys := hetest.Keys(b, params(b).Chain())
	b.Run("ours", func(b *testing.B) {
		engine, err := cpu.New(keys, 1)
		if err != nil {
			b.Fatal(err)
		}
		constants, err := engine.NewExpansion([]he.SeededCiphertext{hetest.Column(random(), chain, false)}).Expand(0, samples)
		if err != nil {
			b.Fatal(err)
		}
		chunk := hetest.Chunk(random(), chain, samples, false)
		products := []he.Product{{Chunk: chunk, Accumulator: engine.NewAccumulator([]int{0})}}
		for b.Loop() {
			if err := engine.Add(constants, products); err != nil {
				b.Fatal(err)
			}
		}
		per(b, samples*chain.N(), "genotype")
	})
	b.Run("Lattigo", func(b *testing.B) {
		p, _ := evaluator(b, keys)
		level := len(chain.Sums) - 1
		rq := p.RingQ().AtLevel(level)
		var c0 []ring.Poly
		var constants []*rlwe.Ciphertext
		for range samples {
			poly := rq.NewPoly()
			fill(random(), rq, poly)
			c0 = append(c0, poly)
			constants = append(constants, ciphertext(random(), p, 1, level))
		}
		prng, err := sampling.NewKeyedPRNG([]byte("seed"))
		if err != nil {
			b.Fatal(err)
		}
		uniform := ring.NewUniformSampler(prng, p.RingQ()).AtLevel(level)
		c1 := rq.NewPoly()
		sum := rlwe.NewCiphertext(p, 2, level).Value
		for b.Loop() {
			for s, c0 := range c0 {
				uniform.Read(c1)
				d := constants[s].Value
				rq.MulCoeffsMontgomeryThenAdd(c0, d[0], sum[0])
				rq.MulCoeffsMontgomeryThenAdd(c0, d[1], sum[1])
				rq.MulCoeffsMontgomeryThenAdd(c1, d[0], sum[1])
				rq.MulCoeffsMontgomeryThenAdd(c1, d[1], sum[2])
			}
		}
		per(b, samples*chain.N(), "genotype")
	})
}

// BenchmarkEvaluate multiplies chunks of sixteen blocks by one to sixteen columns, as
// `run` does once columns are expanded and chunks are read.
func BenchmarkEvaluate(b *testing.B) {
	const lanes, samples = 16, he.ChunkSamples
	chain := params(b).Chain()
	_, keys := hetest.Keys(b, chain)
	engine, err := cpu.New(keys, 1)
	if err != nil {
		b.Fatal(err)
	}
	chunks := make([]he.Chunk, lanes)
	for i := range chunks {
		chunks[i] = hetest.Chunk(random(), chain, samples, false)
	}
	for _, count := range []int{1, 4, 16} {
		b.Run(fmt.Sprint("columns=", count), func(b *testing.B) {
			var columns []he.SeededCiphertext
			var all []int
			for k := range count {
				columns, all = append(columns, hetest.Column(random(), chain, false)), append(all, k)
			}
			constants, err := engine.NewExpansion(columns).Expand(0, samples)
			if err != nil {
				b.Fatal(err)
			}
			var products []he.Product
			for _, chunk := range chunks {
				products = append(products, he.Product{Chunk: chunk, Accumulator: engine.NewAccumulator(all)})
			}
			for b.Loop() {
				if err := engine.Add(constants, products); err != nil {
					b.Fatal(err)
				}
			}
			per(b, lanes*samples*chain.N(), "genotype")
		})
	}
}
