//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// ringPrimes are 1 modulo 2^18: the largest such below 2^28, a middle one and a small one.
var ringPrimes = []uint32{263454721, 167772161, 13631489}

// TestTransforms: every degree forth and back, on words that are random and all q−1,
// with a number of rows that is not a multiple of the primes.
func TestTransforms(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for logN := MinLogN; logN <= MaxLogN; logN++ {
		t.Run(fmt.Sprint(logN), func(t *testing.T) {
			n, first, count := 1<<logN, 1, 2
			b := newBed(t, n, ringPrimes)
			rows := 3
			a := make([]uint32, rows*n)
			for i := range a {
				q := b.moduli[first+i/n%count].Q
				switch i / n {
				case 0:
					a[i] = r.Uint32N(q)
				case 1:
					a[i] = q - 1
				case 2:
					a[i] = r.Uint32N(2) * (q - 1)
				}
			}
			want := slices.Clone(a)
			for i := range rows {
				b.ntt[first+i%count].Forward(want[i*n:][:n])
			}
			x := b.Array(a)
			b.Must(b.ring.Forward(b.Stream, x, first, count))
			b.Equal(x, want, "forward")
			b.Must(b.ring.Inverse(b.Stream, x, first, count))
			b.Equal(x, a, "inverse")

			// Words that no forward transform of these made.
			y := b.Array(a)
			b.Must(b.ring.Inverse(b.Stream, y, first, count))
			for i := range rows {
				b.ntt[first+i%count].Inverse(a[i*n:][:n])
			}
			b.Equal(y, a, "inverse of others")
		})
	}
}
