//go:build cuda

package cuda

import "genoveil/gpu"

// MaxSamples bounds the samples of Accumulate: (c0+c1)·(d0+d1) ≤ (2(q−1))², and
// 64·(2(2^28−2))² < 2^64.
const MaxSamples = 64

// Accumulate adds (c0, c1) ⊗ (d0, d1), summed over up to MaxSamples samples, to the
// reduced sums of some columns: kernels/cpu.Modulus.Accumulate for all primes, tiles
// and products.
//
// products holds `count` triples of 64-bit addresses of c0, c1 and sums. c0 and c1
// are tile-major, [prime][tile][sample][TileWidth]; sums, all different, are
// [k][3][prime][N]. d is [prime][tile][sample][total][2][TileWidth], and columns are
// the k of its columns to take, in any order.
//
// Twelve columns share a load of c0 and c1, so 13 columns read them twice, and nine
// cost what twelve do.
func (r *Ring) Accumulate(s *gpu.Stream, products gpu.Words, count int, columns gpu.Words, k int, d gpu.Words, samples, total, primes int) error {
	if samples > MaxSamples {
		panic("cuda: more samples than a sum takes")
	}
	r.check(products, 6*count)
	r.check(columns, k)
	r.check(d, primes*samples*total*2*r.N)
	if count == 0 {
		return nil
	}
	for first := 0; first < k; {
		a := accumulators[len(accumulators)-1]
		for _, wider := range accumulators[:len(accumulators)-1] {
			if k-first >= wider.least {
				a = wider
				break
			}
		}
		// As many groups as are full; of what is left, more than one group only if the last pays.
		groups := (k - first + a.columns - a.least) / a.columns
		g := gpu.Grid{Blocks: [3]int{ceil(count, 4*a.products), groups, primes * r.N / TileWidth}, Threads: [3]int{256}}
		err := s.Launch(a.kernel, g, products, uint32(count), columns, uint32(k), d, r.table, uint32(first),
			uint32(samples), uint32(total), uint32(r.LogN-6), uint32(primes*r.N))
		if err != nil {
			return err
		}
		first += groups * a.columns
	}
	return nil
}

// accumulators are the kernels, widest first: one takes groups of so many columns, the
// last of which may have `least` or more, and a thread so many products.
var accumulators = []struct {
	kernel                   string
	columns, least, products int
}{{"accumulate_12", 12, 9, 2}, {"accumulate_4", 4, 2, 2}, {"accumulate_1", 1, 1, 4}}

func ceil(a, b int) int { return (a + b - 1) / b }
