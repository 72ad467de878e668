//go:build cuda

package cuda

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
)

// TestTransforms64: every degree forth and back, on hard words, as Lattigo's ring.
func TestTransforms64(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 64))
	for logN := minLogN; logN <= maxLogN; logN++ {
		t.Run(fmt.Sprint(logN), func(t *testing.T) {
			n := 1 << logN
			all := primes64(t, n, 61, 31, 45, 60)
			params, err := rlwe.NewParametersFromLiteral(rlwe.ParametersLiteral{LogN: logN, Q: all[:3], P: all[3:], NTTFlag: true})
			if err != nil {
				t.Fatal(err)
			}
			b := newBed64(t, params)
			ringQ := params.RingQ()
			p, q := hardRows(r, n, all[:3], 1), ringQ.NewPoly()
			ringQ.NTT(p, q)
			x := b.array64(flat(2, p))
			b.must(b.ring.Forward(b.stream, x, 0, 3))
			b.equal64(x, flat(2, q), "forward")
			b.must(b.ring.Inverse(b.stream, x, 0, 3))
			b.equal64(x, flat(2, p), "inverse")
		})
	}
}
