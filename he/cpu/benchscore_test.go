package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"genoveil/he"
	"genoveil/he/hetest"
	kernels "genoveil/kernels/cpu"
	"genoveil/kernels/cpu/sampling"
)

// BenchmarkScore times the parts of scoring with the set for hard calls: ns a
// genotype and plane of addition beside its floor, reading c0 and making the seeded
// halves, and of laying out weights; and µs a sample of packing. 8,192 samples ×
// 1,000,000 variants come to addition + packing/1,000,000 a genotype, plus the
// weights' transforms if they are not kept.
func BenchmarkScore(b *testing.B) {
	params, err := he.PlanScore(1)
	if err != nil {
		b.Fatal(err)
	}
	chain := params.Chain()
	_, keys := hetest.ScoreKeys(b, chain)
	e, err := NewScorer(keys, 1)
	if err != nil {
		b.Fatal(err)
	}
	const samples, lanes = he.ChunkSamples, 2 * laneGroup
	r := rand.New(rand.NewPCG(1, 2))
	var encrypted []he.EncryptedChunk
	var chunks []he.Chunk
	first := hetest.EncryptedChunk(r, chain, samples, false)
	for i := range lanes {
		chunk := he.EncryptedChunk{Samples: samples, C0: make([]uint32, len(first.C0))}
		chunk.Seed[0] = byte(i)
		copy(chunk.C0, first.C0)
		encrypted, chunks = append(encrypted, chunk), append(chunks, he.NewChunk(chunk, nil))
	}
	perGenotype := func(b *testing.B, lanes int) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/samples/float64(lanes)/float64(chain.N()), "ns/genotype")
	}
	for _, count := range []int{1, 2, 8} {
		weights := make([][][]int64, lanes)
		for i := range weights {
			for range count {
				values := make([]int64, chain.N())
				for j := range values {
					values[j] = r.Int64N(1<<24) - 1<<23
				}
				weights[i] = append(weights[i], values)
			}
		}
		var w he.Weights
		b.Run(fmt.Sprint("prepare/scores=", count), func(b *testing.B) {
			for b.Loop() {
				if w, err = e.Prepare(weights); err != nil {
					b.Fatal(err)
				}
			}
			perGenotype(b, lanes)
		})
		b.Run(fmt.Sprint("add/scores=", count), func(b *testing.B) {
			answers := e.NewScores(samples, w)
			for b.Loop() {
				if err := e.Add(answers, w, chunks); err != nil {
					b.Fatal(err)
				}
			}
			perGenotype(b, lanes)
		})
	}
	models := make([][]he.SeededCiphertext, lanes)
	for i := range models {
		models[i] = []he.SeededCiphertext{hetest.Column(r, chain, false)}
	}
	model, err := e.PrepareEncrypted(models)
	if err != nil {
		b.Fatal(err)
	}
	plain, err := e.Prepare([][][]int64{{{1}}})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("add/encrypted", func(b *testing.B) {
		answers := e.NewScores(samples, model)
		for b.Loop() {
			if err := e.Add(answers, model, chunks); err != nil {
				b.Fatal(err)
			}
		}
		perGenotype(b, lanes)
	})
	for _, w := range []he.Weights{plain, model} {
		b.Run(fmt.Sprint("pack/encrypted=", w == model), func(b *testing.B) {
			answers := e.NewScores(samples, w)
			if err := e.Add(answers, w, chunks[:w.Lanes()]); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := e.Pack(answers); err != nil { // it leaves answers alone
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/samples, "µs/sample")
		})
	}
	tiles := len(chain.Sums) * chain.N() / he.TileWidth
	b.Run("floor/seeded halves", func(b *testing.B) {
		tile := make([]uint32, samples*he.TileWidth)
		stream := sampling.NewUniform(&first.Seed)
		for b.Loop() {
			for number := range tiles {
				l, first := number/(tiles/len(chain.Sums)), number%(tiles/len(chain.Sums))*he.TileWidth
				stream.FillTile(tile, e.s.ntt[l].Modulus, uint32(l), first, he.TileWidth)
			}
		}
		perGenotype(b, 1)
	})
	b.Run("floor/reading", func(b *testing.B) {
		sum := uint32(0)
		for b.Loop() {
			for _, chunk := range encrypted {
				sum += kernels.Max(chunk.C0)
			}
		}
		perGenotype(b, lanes)
		if sum == 0 {
			b.Fatal("nothing was read")
		}
	})
}
