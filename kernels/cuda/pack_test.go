//go:build cuda

package cuda

import (
	"math/rand/v2"
	"slices"
	"testing"

	kernels "genoveil/kernels/cpu"
)

func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, c := range []struct{ n, scores, components, samples, slots int }{{1 << 10, 1, 2, 1, 1}, {1 << 10, 3, 3, 5, 8}, {1 << 13, 2, 2, 2, 2}} {
		b := newBed(t, c.n, arithPrimes[:2])
		const primes = 2
		sums := b.residues(r, primes, c.scores*c.components*c.samples*c.n, primes, false)
		want := slices.Repeat([]uint32{7}, c.scores*c.slots*c.components*primes*c.n)
		nodes := b.Array(want)
		for number := range primes * c.n / TileWidth {
			for score := range c.scores {
				for component := range c.components {
					for sample := range c.samples {
						from := ((number*c.scores+score)*c.components+component)*c.samples + sample
						to := ((score*c.slots+sample)*c.components+component)*primes*c.n + number*TileWidth
						copy(want[to:][:TileWidth], sums[from*TileWidth:])
					}
				}
			}
		}
		b.Must(b.ring.Gather(b.Stream, nodes, b.Array(sums), c.scores, c.components, c.samples, c.slots, primes))
		b.Equal(nodes, want, "nodes")
	}
}

// TestJoin: both halves of a merge at the ends and in the middle of the tree, for
// nodes that stand side by side or farther apart, as he/cpu does it.
func TestJoin(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, c := range []struct {
		n, level, count, apart int
		extreme                bool
	}{{1 << 10, 1, 1, 1, true}, {1 << 10, 3, 3, 2, false}, {1 << 10, 10, 2, 3, false}, {1 << 13, 6, 1, 1, false}} {
		b := newBed(t, c.n, arithPrimes[:2])
		n, primes, shift, element := c.n, 2, c.n>>c.level, uint64(1<<c.level+1)
		size := 2 * primes * n
		stride := 2 * c.apart * size
		nodes := b.residues(r, c.count*2*c.apart*2*primes, n, primes, c.extreme)
		differences := make([]uint32, c.count*size)
		switched := b.residues(r, c.count*2*primes, n, primes, c.extreme)
		array, difference := b.Array(nodes), b.Array(differences)
		even, odd := array, array.Slice(c.apart*size, array.Len())

		permutation := kernels.NewPermutation(n, element)
		after := slices.Clone(nodes)
		for i := range c.count * 2 * primes {
			pair, component, l := i/(2*primes), i/primes%2, i%primes
			ntt, at := b.ntt[l], i%(2*primes)*n
			monomial, shoup := make([]uint32, n), make([]uint32, n)
			monomial[shift] = 1
			ntt.Forward(monomial)
			ntt.ShoupVec(shoup, monomial)
			x, y := nodes[pair*stride+at:][:n], nodes[pair*stride+c.apart*size+at:][:n]
			ntt.MulSubTiles(differences[i*n:][:n], n, n, x, y, monomial, shoup)
			minus := make([]uint32, n)
			ntt.Scale(minus, monomial, ntt.Q-1)
			ntt.ShoupVec(shoup, minus)
			ntt.MulSubTiles(x, n, n, x, y, minus, shoup)

			row, image := slices.Clone(switched[i*n:][:n]), make([]uint32, n)
			if component == 0 {
				ntt.AddVec(row, row, differences[i*n:][:n])
			}
			permutation.Apply(image, row)
			copy(after[pair*stride+at:], x)
			ntt.AddVec(after[pair*stride+at:][:n], x, image)
		}
		b.Must(b.ring.JoinBefore(b.Stream, difference, even, odd, shift, stride, c.count, primes))
		b.Equal(difference, differences, "differences")
		b.Equal(array, nodes, "nodes")
		b.Must(b.ring.JoinAfter(b.Stream, even, difference, b.Array(switched), element, stride, c.count, primes))
		b.Equal(array, after, "parents")
	}
}
