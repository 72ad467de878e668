//go:build cuda

package cuda

import (
	"genoveil/gpu"
	kernels "genoveil/kernels/cpu"
)

// MaxLanes bounds the lanes of Weighted: 64 of two products each are below 2^63.
const MaxLanes = 64

// Weighted multiplies the tiles of up to MaxLanes chunks by polynomials of weights and
// adds the sums over lanes:
//
//	sums[prime][tile][score][components+1][sample][TileWidth] += Σ_lane (c0, c1) ⊗ weights
//
// chunks holds the pairs of 64-bit addresses of c0 and c1, which are tile-major,
// [prime][tile][sample][TileWidth]; weights, in Montgomery form, are
// [lane][score][component][prime][N], of one component in the clear and two encrypted.
// Sums are reduced, before and after.
func (r *Ring) Weighted(s *gpu.Stream, sums, chunks gpu.Words, lanes int, weights gpu.Words, scores, components, samples, primes int) error {
	if lanes > MaxLanes {
		panic("cuda: more lanes than a sum takes")
	}
	r.check(sums, primes*r.N*scores*(components+1)*samples)
	r.check(chunks, 4*lanes)
	r.check(weights, lanes*scores*components*primes*r.N)
	kernel, width := "weighted_1", 1
	switch {
	case components == 2:
		kernel, width = "weighted_encrypted", 2
	case scores > 1:
		kernel, width = "weighted_4", 4
	}
	g := gpu.Grid{Blocks: [3]int{ceil(samples, 16), ceil(scores, width), primes * r.N / TileWidth}, Threads: [3]int{256}}
	return s.Launch(kernel, g, sums, chunks, uint32(lanes), weights, r.table, uint32(scores), uint32(samples),
		uint32(r.LogN-6), uint32(primes*r.N))
}

// PrepareWeights transforms polynomials of weights to what Weighted takes:
// weights[row][prime][N] of values[row][N], signed 64-bit integers of two words, the
// low one first. Polynomial w has the coefficients of
//
//	w(X) = values_0 − Σ_{j≥1} values_j·X^(N−j)
//
// and is divided by N.
func (r *Ring) PrepareWeights(s *gpu.Stream, weights, values gpu.Words, rows, primes int) error {
	r.check(weights, rows*primes*r.N)
	r.check(values, 2*rows*r.N)
	g := gpu.Grid{Blocks: [3]int{r.N / 256, primes, rows}, Threads: [3]int{256}}
	if err := s.Launch("reversed_rows", g, weights, values, r.table); err != nil {
		return err
	}
	if err := r.Forward(s, weights.Slice(0, rows*primes*r.N), 0, primes); err != nil {
		return err
	}
	return r.FinishWeights(s, weights, rows, primes)
}

// FinishWeights brings transformed polynomials [row][prime][N] to the form that
// Weighted takes: divided by N, times 2^32. The components of encrypted models, of
// which Uniform makes the seeded ones, need nothing else.
func (r *Ring) FinishWeights(s *gpu.Stream, weights gpu.Words, rows, primes int) error {
	factors := make([]uint32, primes)
	for l := range factors {
		m, err := kernels.NewModulus(r.Primes[l])
		if err != nil {
			return err
		}
		factors[l] = m.Mul(montgomeryOne(m), m.Inv(uint32(r.N)))
	}
	return r.ScaleRows(s, weights.Slice(0, rows*primes*r.N), factors, 0, primes)
}

// montgomeryOne is 1 in Montgomery form, 2^32 mod q.
func montgomeryOne(m kernels.Modulus) uint32 { return m.Reduce(1 << 32) }
