//go:build cuda

package cuda

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"genoveil/gpu"
)

// TestWeighted: he/cpu's sums word by word, for scores and samples that do not fill a
// thread's, and more lanes than one Montgomery reduction of kernels/cpu takes.
func TestWeighted(t *testing.T) {
	for _, c := range []struct {
		n, lanes, scores, components, samples int
		extreme                               bool
	}{
		{1 << 10, 1, 1, 1, 1, false}, {1 << 10, 64, 1, 1, 17, true}, {1 << 10, 15, 5, 1, 63, false}, {1 << 10, 64, 4, 1, 6, true},
		{1 << 10, 3, 1, 2, 64, false}, {1 << 10, 64, 3, 2, 7, true}, {1 << 13, 2, 2, 1, 3, false},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(c.lanes)))
			b := newBed(t, c.n, arithPrimes[:2+c.n>>10&1])
			n, primes, size := c.n, len(b.moduli), c.samples*TileWidth
			sums := b.residues(r, primes, c.scores*(c.components+1)*c.samples*n, primes, c.extreme)
			weights := b.residues(r, c.lanes*c.scores*c.components*primes, n, primes, c.extreme)
			var arrays []gpu.Words
			var chunks [][2][]uint32
			for range c.lanes {
				chunk := [2][]uint32{b.residues(r, primes, c.samples*n, primes, c.extreme), b.residues(r, primes, c.samples*n, primes, c.extreme)}
				chunks = append(chunks, chunk)
				arrays = append(arrays, b.Array(chunk[0]), b.Array(chunk[1]))
			}
			got := b.Array(sums)
			b.Must(b.ring.Weighted(b.Stream, got, b.addresses(arrays...), c.lanes, b.Array(weights), c.scores, c.components, c.samples, primes))

			for number := range primes * n / TileWidth {
				m := b.moduli[number*TileWidth/n]
				unit := m.Inv(m.Reduce(1 << 32)) // out of Montgomery form
				for score := range c.scores {
					for component := range c.components {
						for half := range 2 {
							at := ((number*c.scores+score)*(c.components+1) + component + half) * size
							for i := range size {
								sum := uint32(0)
								for lane, chunk := range chunks {
									w := weights[((lane*c.scores+score)*c.components+component)*primes*n+number*TileWidth+i%TileWidth]
									sum = m.Add(sum, m.Mul(chunk[half][number*size+i], w))
								}
								sums[at+i] = m.Add(sums[at+i], m.Mul(sum, unit))
							}
						}
					}
				}
			}
			b.Equal(got, sums, "sums")
		})
	}
}

// TestPrepareWeights: transforms of signed values, the extremes of 64 bits among them.
func TestPrepareWeights(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	const rows, n = 3, 1 << 10
	b := newBed(t, n, arithPrimes)
	var words, want []uint32
	for row := range rows {
		values := make([]int64, n)
		for i := range values {
			values[i] = int64(r.Uint64()) >> r.IntN(64)
		}
		copy(values, []int64{math.MinInt64, math.MaxInt64, math.MinInt64, 0, -1}[row:])
		for _, x := range values {
			words = append(words, uint32(uint64(x)), uint32(uint64(x)>>32))
		}
		for _, ntt := range b.ntt {
			a := make([]uint32, n)
			for j, x := range values {
				if j == 0 {
					a[0] = ntt.ReduceSigned(x)
				} else {
					a[n-j] = ntt.Neg(ntt.ReduceSigned(x))
				}
			}
			ntt.Forward(a)
			ntt.Scale(a, a, ntt.Mul(ntt.Inv(n), ntt.Reduce(1<<32)))
			want = append(want, a...)
		}
	}
	got := b.Array(make([]uint32, len(want)))
	b.Must(b.ring.PrepareWeights(b.Stream, got, b.Array(words), rows, len(b.ntt)))
	b.Equal(got, want, "weights")
}
