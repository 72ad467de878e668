//go:build cuda

package main

import (
	"fmt"
	"math/rand/v2"

	"genoveil/gpu"
	"genoveil/he"
	engine "genoveil/he/cuda"
)

// expansion expands packed columns to constants.
func (b *bench) expansion() error {
	secret, err := he.GenerateSecret(b.chain)
	if err != nil {
		return err
	}
	keys, err := he.GenerateEvaluationKeys(b.chain, secret)
	if err != nil {
		return err
	}
	e, err := engine.New(keys, []*gpu.Device{b.device})
	if err != nil {
		return err
	}
	for _, k := range []int{1, b.size(12, 2)} {
		columns := make([]he.SeededCiphertext, k)
		for i := range columns {
			c0 := make([]uint32, 0, b.chain.PackedLen())
			for _, q := range b.chain.ColumnPrimes() {
				for range b.chain.N() {
					c0 = append(c0, rand.Uint32N(q))
				}
			}
			columns[i] = he.SeededCiphertext{C0: c0}
		}
		n, digits := b.chain.N(), len(b.chain.ColumnPrimes())
		err := b.measure(row{
			Name: fmt.Sprintf("expansion, K = %d", k), Size: fmt.Sprintf("all %d samples", n), Count: float64(k * n), Unit: "constants",
			Bytes:           float64(4 * b.chain.SumLen(2) * k * n),
			Multiplications: float64(k*n) * expansionWork(b.chain, digits),
		}, func() error { return expandAll(e, b.chain, columns) })
		if err != nil {
			return err
		}
	}
	return nil
}

// expandAll expands chunk after chunk, as a run does, multiplies the last and waits for
// the product: what the engine queued is done then.
func expandAll(e *engine.Engine, chain he.Chain, columns []he.SeededCiphertext) error {
	x, sum := e.NewExpansion(columns), e.NewAccumulator([]int{0})
	for from := 0; from < chain.N(); from += he.ChunkSamples {
		constants, err := x.Expand(from, from+he.ChunkSamples)
		if err != nil {
			return err
		}
		if from+he.ChunkSamples == chain.N() {
			chunk := he.EncryptedChunk{Samples: he.ChunkSamples, C0: make([]uint32, chain.ChunkLen(he.ChunkSamples))}
			if err := e.Add(constants, []he.Product{{Chunk: he.NewChunk(chunk, nil), Accumulator: sum}}); err != nil {
				return err
			}
		}
		constants.Release()
	}
	return sum.Save(0, make([]uint32, chain.SumLen(3)))
}

// expansionWork is the multiplications of a constant, when all of a column are expanded.
// A node of a step is decomposed and lifted, multiplied by the keys of R − 1
// automorphisms, and its R children are split and divided by the switch prime; leaves
// are also divided by the dropped one.
func expansionWork(c he.Chain, digits int) float64 {
	n, transform := float64(c.N()), transformWork(c)
	primes, sums, work := float64(digits+1), float64(len(c.Sums)), 0.0
	for i, step := range c.ExpansionSteps() {
		r := float64(step.Children())
		nodes := float64(int(1)<<step.Depth) / n // a constant
		lifts := float64(digits) * primes
		products := (r - 1) * float64(digits) * 2 * primes * n
		split := 2 * primes * n * r * float64(step.Levels) / 2
		divided := 2 * r * primes // transforms, digits kept and the special one
		if i == len(c.ExpansionSteps())-1 {
			divided = 2 * r * (float64(digits) - sums + 1 + sums)
		}
		work += nodes * (lifts*transform + products + split + divided*transform)
	}
	return work
}
