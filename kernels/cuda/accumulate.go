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
// cost what twelve do. Four groups of two or four products share a block: with fewer
// than eight products, sixteen where a column is left alone, processors stay idle.
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
		a, groups := accumulatorFor(k - first)
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

// An accumulator is a kernel: a thread takes so many columns and products.
type accumulator struct {
	kernel            string
	columns, products int
	least             int // columns for which it is worth while
}

// accumulators are the kernels, widest first.
var accumulators = []accumulator{{"accumulate_12", 12, 2, 9}, {"accumulate_4", 4, 2, 2}, {"accumulate_1", 1, 4, 1}}

// accumulatorFor chooses a kernel for the first of k columns, and how many groups it
// takes: all full ones, and what is left where that is worth while.
func accumulatorFor(k int) (accumulator, int) {
	for _, a := range accumulators {
		if k >= a.least {
			return a, (k + a.columns - a.least) / a.columns
		}
	}
	panic("cuda: no columns")
}

func ceil(a, b int) int { return (a + b - 1) / b }
