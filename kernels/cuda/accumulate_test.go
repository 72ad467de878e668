//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/gpu"
)

// TestAccumulate: every kernel, and groups of products and columns that are not full.
func TestAccumulate(t *testing.T) {
	for _, c := range []struct {
		n, samples, products, columns, total int
		extreme                              bool
	}{
		{1 << 10, 1, 1, 1, 1, false}, {1 << 10, 63, 2, 3, 5, false}, {1 << 10, 64, 5, 12, 12, true},
		{1 << 10, 64, 5, 1, 2, true}, {1 << 10, 64, 9, 4, 4, true}, {1 << 10, 2, 3, 13, 13, false},
		{1 << 10, 5, 17, 2, 2, false}, {1 << 10, 3, 1, 23, 30, false}, {1 << 13, 3, 2, 5, 6, false},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			r := rand.New(rand.NewPCG(2, uint64(c.products)))
			b := newBed(t, c.n, arithPrimes[:2+c.n>>10&1])
			n, primes := c.n, len(b.moduli)
			d := b.residues(r, primes, c.samples*c.total*2*n, primes, c.extreme)
			columns := r.Perm(c.total)[:c.columns]
			var chosen []uint32
			for _, k := range columns {
				chosen = append(chosen, uint32(k))
			}
			var arrays []gpu.Words
			var want [][]uint32
			for range c.products {
				c0, c1 := b.residues(r, primes, c.samples*n, primes, c.extreme), b.residues(r, primes, c.samples*n, primes, c.extreme)
				sums := b.residues(r, c.columns*3*primes, n, primes, c.extreme)
				arrays = append(arrays, b.Array(c0), b.Array(c1), b.Array(sums))
				for number := range primes * n / TileWidth {
					size := c.samples * TileWidth
					b.moduli[number*TileWidth/n].Accumulate(sums[number*TileWidth:], 3*primes*n, primes*n, c0[number*size:][:size], c1[number*size:][:size],
						d[number*size*2*c.total:][:size*2*c.total], columns)
				}
				want = append(want, sums)
			}
			b.Must(b.ring.Accumulate(b.Stream, b.addresses(arrays...), c.products, b.Array(chosen), c.columns, b.Array(d), c.samples, c.total, primes))
			for i, sums := range want {
				b.Equal(arrays[3*i+2], sums, fmt.Sprintf("product %d", i))
			}
		})
	}
}

// TestAccumulatorGroups: each column is taken once, by kernels from the widest down,
// and no group but the last of a width is part empty.
func TestAccumulatorGroups(t *testing.T) {
	for _, c := range []struct {
		k    int
		want []int
	}{{1, []int{1}}, {2, []int{4}}, {5, []int{4, 1}}, {8, []int{4, 4}}, {9, []int{12}}, {13, []int{12, 1}}, {20, []int{12, 4, 4}}, {24, []int{12, 12}}, {33, []int{12, 12, 12}}} {
		var got []int
		for first := 0; first < c.k; {
			a, groups := accumulatorFor(c.k - first)
			got = append(got, slices.Repeat([]int{a.columns}, groups)...)
			first += groups * a.columns
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d columns: groups %v, want %v", c.k, got, c.want)
		}
	}
}
