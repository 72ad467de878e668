package sampling

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cpu/level"
)

// TestTileStream: some rows at a time are the rows of FillTile, however they are cut,
// for primes that reject often and seldom; what is fetched meanwhile does not matter.
func TestTileStream(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, width := range []int{16, 32, 64} {
			for _, rows := range []int{1, 3, 8, 64} {
				seed := [32]byte{byte(rows), byte(width)}
				u := NewUniform(&seed)
				want := make([]uint32, rows*width)
				u.FillTile(want, m, 3, 128, width)
				ahead := make([]uint32, r.IntN(2*len(want)))
				level.Each(t, func(t *testing.T) {
					var s TileStream
					for range 2 { // a stream may start again
						s.Start(u, m, 3, 128, width)
						got := make([]uint32, rows*width)
						for at := 0; at < len(got); {
							n := min((1+r.IntN(24))*width, len(got)-at)
							s.Next(got[at:at+n], ahead)
							at += n
						}
						if !slices.Equal(got, want) {
							t.Fatalf("modulo %d, %d rows of %d: differs from FillTile", q, rows, width)
						}
					}
				})
			}
		}
	}
}
