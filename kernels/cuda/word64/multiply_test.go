//go:build cuda

package word64

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
)

// TestMultiplyAdd: sums of products, more than are reduced at a time, of random and of the
// largest residues, as Lattigo's ring.
func TestMultiplyAdd(t *testing.T) {
	const logN, n, count, primes = 10, 1 << 10, 2, 3 // of four primes
	all := primesBelow(t, n, 61, 31, 61, 60, 61)
	params, err := rlwe.NewParametersFromLiteral(rlwe.ParametersLiteral{LogN: logN, Q: all[:4], P: all[4:], NTTFlag: true})
	if err != nil {
		t.Fatal(err)
	}
	b := newBed(t, params)
	ringQ := params.RingQ().AtLevel(primes - 1)
	for _, c := range []struct {
		terms         int
		extreme, oneB bool
	}{{1, false, false}, {1, true, false}, {31, true, false}, {33, false, true}, {70, true, true}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			r := rand.New(rand.NewPCG(11, 64))
			poly := func() ring.Poly {
				p := ringQ.NewPoly()
				for l, q := range all[:primes] {
					for i := range p.Coeffs[l] {
						if p.Coeffs[l][i] = q - 1; !c.extreme {
							p.Coeffs[l][i] = r.Uint64N(q)
						}
					}
				}
				return p
			}
			polys := func(k int) (p []ring.Poly) {
				for range k {
					p = append(p, poly())
				}
				return p
			}
			bTerms, bNext := c.terms, count*2*primes*n
			if c.oneB {
				bTerms, bNext = 1, 0
			}
			x, y, sums := polys(c.terms*count*2), polys(bTerms*count*2), polys(count*3)
			want := slices.Clone(sums)
			for i := range want {
				want[i] = *sums[i].CopyNew()
			}
			for term := range c.terms {
				for k := range count {
					xs, ys := x[(term*count+k)*2:], y[(term%bTerms*count+k)*2:]
					for i := range 2 {
						for j := range 2 {
							ringQ.MulCoeffsBarrettThenAdd(xs[i], ys[j], want[k*3+i+j])
						}
					}
				}
			}
			got := b.array(flat(primes-1, sums...))
			b.Must(b.ring.MultiplyAdd(b.Stream, got, b.array(flat(primes-1, x...)), count*2*primes*n,
				b.array(flat(primes-1, y...)), bNext, c.terms, count, primes))
			b.equal(got, flat(primes-1, want...), "sums of products")
		})
	}
}
