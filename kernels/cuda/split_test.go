//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	kernels "genoveil/kernels/cpu"
)

// splitTwin is he/cpu's step for one node.
func (b *bed) splitTwin(node, lifted []uint32, keys [][]uint32, depth, levels int) []uint32 {
	n, primes := b.ring.N, len(b.moduli)
	digits, parts := primes-1, 1<<levels
	children := make([]uint32, parts*2*primes*n)
	for l, m := range b.moduli {
		special := m.Reduce(uint64(b.moduli[primes-1].Q))
		splitter := kernels.NewSplitter(b.ntt[l], depth, levels)
		for c := range 2 {
			images := make([]uint32, parts*n)
			if l < digits {
				m.Scale(images[:n], node[(c*digits+l)*n:][:n], special)
			}
			for k := 1; k < parts; k++ {
				sum := make([]uint32, n)
				if c == 0 {
					copy(sum, images)
				}
				for i := range digits {
					product := make([]uint32, n)
					m.MulVec(product, lifted[(l*digits+i)*n:][:n], keys[k-1][((2*i+c)*primes+l)*n:][:n])
					m.AddVec(sum, sum, product)
				}
				kernels.NewPermutation(n, uint64(1+k*2*n>>(depth+levels))).Apply(images[k*n:][:n], sum)
			}
			splitter.Split(children[(c*primes+l)*n:], 2*primes*n, images, n)
		}
	}
	return children
}

// TestSplit: every number of levels at the first, a middle and the last depth, for one, two and
// three nodes of random residues and of q−1.
func TestSplit(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for _, c := range []struct{ logN, depth, levels, count, primes int }{
		{10, 0, 1, 2, 5}, {10, 1, 3, 3, 3}, {10, 4, 3, 1, 4}, {10, 7, 3, 3, 5}, {10, 8, 2, 2, 3}, {10, 0, 2, 1, 2},
		{10, 0, 3, 2, 3}, {10, 9, 1, 1, 3}, {11, 5, 3, 2, 5}, {12, 9, 3, 1, 3}, {13, 10, 3, 2, 2}, {13, 1, 3, 1, 3}, {15, 12, 3, 1, 2},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			b := newBed(t, 1<<c.logN, switchPrimes[len(switchPrimes)-c.primes:])
			n, digits := b.ring.N, c.primes-1
			var keys [][]uint32
			for k := range 1<<c.levels - 1 {
				var key []uint32
				for range 2 * digits {
					key = append(key, b.rows(r, upTo(c.primes), k&1)...)
				}
				keys = append(keys, key)
			}
			var nodes, lifted, want []uint32
			for p := range c.count {
				node := b.rows(r, slices.Concat(upTo(digits), upTo(digits)), p)
				var lift []uint32
				for l := range c.primes {
					lift = append(lift, b.rows(r, slices.Repeat([]int{l}, digits), p)...)
				}
				nodes, lifted = append(nodes, node...), append(lifted, lift...)
				want = append(want, b.splitTwin(node, lift, keys, c.depth, c.levels)...)
			}
			step, err := b.ring.NewStep(b.Device, b.Stream, c.depth, c.levels, keys)
			b.Must(err)
			children := b.Array(make([]uint32, c.count<<c.levels*2*c.primes*n))
			b.Must(step.Split(b.Stream, children, b.Array(nodes), b.Array(lifted), c.count))
			b.Equal(children, want, "children")
		})
	}
}
