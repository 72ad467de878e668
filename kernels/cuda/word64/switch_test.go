//go:build cuda

package word64

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
	"github.com/tuneinsight/lattigo/v5/ring/ringqp"
)

// specials are the sizes of P in the tests.
var specials = [][]uint64{{60}, {61}, {61, 61}, {45, 61}, {60, 31, 61}}

// rlweWorld is a ring whose primes of Q differ in size, as large as they may be and small.
func rlweWorld(t *testing.T, logN int, special []uint64) rlwe.Parameters {
	t.Helper()
	all := primesBelow(t, 1<<logN, append([]uint64{60, 45, 61, 31, 60, 61, 45}, special...)...)
	params, err := rlwe.NewParametersFromLiteral(rlwe.ParametersLiteral{LogN: logN, Q: all[:7], P: all[7:], NTTFlag: true})
	if err != nil {
		t.Fatal(err)
	}
	return params
}

// TestSwitch compares key-switches at all levels with Lattigo's gadget product, of polynomials
// whose digits are difficult.
func TestSwitch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 64))
	for _, special := range specials {
		t.Run(fmt.Sprint(special), func(t *testing.T) {
			b := newBed(t, rlweWorld(t, 10, special))
			n, count := b.ring.N, 3
			gadget := b.uniformKey(r)
			key := b.key(gadget)
			eval := rlwe.NewEvaluator(b.params, nil)
			for level := range b.params.MaxLevel() + 1 {
				ringQ := b.params.RingQ().AtLevel(level)
				var polys, want []uint64
				for range count {
					p := hardRows(r, n, b.params.Q()[:level+1], len(special))
					ringQ.NTT(p, p)
					polys = append(append(polys, flat(level, p)...), 7, 7)
					ct := rlwe.NewCiphertext(b.params, 1, level)
					eval.GadgetProduct(level, p, gadget, ct)
					want = append(want, flat(level, ct.Value...)...)
				}
				out := b.zeros(len(want))
				x := b.array(polys)
				b.Must(b.switcher.Switch(b.Stream, out, x, (level+1)*n+2, key, b.scratch(count, level), count, level))
				b.equal(out, want, fmt.Sprint("level ", level))
			}
		})
	}
}

func (b *bed) uniformKey(r *rand.Rand) *rlwe.GadgetCiphertext {
	g := rlwe.NewGadgetCiphertext(b.params, 1, b.params.MaxLevel(), b.params.PCount()-1, 0)
	for _, digit := range g.Value {
		for c := range digit[0] {
			digit[0][c] = ringqp.Poly{Q: uniformRows(r, b.ring.N, b.params.Q()), P: uniformRows(r, b.ring.N, b.params.P())}
		}
	}
	return g
}

// TestRemainder: remainders by P that are difficult. The polynomial is 1, as are its digits, so
// that what is divided is the first digit of the key.
func TestRemainder(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 64))
	for _, special := range specials {
		t.Run(fmt.Sprint(special), func(t *testing.T) {
			b := newBed(t, rlweWorld(t, 11, special))
			n, level := b.ring.N, b.params.MaxLevel()
			gadget := rlwe.NewGadgetCiphertext(b.params, 1, level, len(special)-1, 0)
			for c := range 2 {
				p := hardRows(r, n, b.params.P(), len(special))
				b.params.RingP().NTT(p, p)
				b.params.RingP().MForm(p, p)
				q := hardRows(r, n, b.params.Q(), 1)
				gadget.Value[0][0][c] = ringqp.Poly{Q: q, P: p}
			}
			one := ring.NewPoly(n, level)
			for i := range one.Coeffs {
				one.Coeffs[i] = slices.Repeat([]uint64{1}, n)
			}
			ct := rlwe.NewCiphertext(b.params, 1, level)
			rlwe.NewEvaluator(b.params, nil).GadgetProduct(level, one, gadget, ct)
			want := flat(level, ct.Value...)
			out := b.zeros(len(want))
			b.Must(b.switcher.Switch(b.Stream, out, b.array(flat(level, one)), 0, b.key(gadget), b.scratch(1, level), 1, level))
			b.equal(out, want, "quotients")
		})
	}
}

// TestRescale compares with Lattigo's rounded division by the last prime, and by the last two in turn.
func TestRescale(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 64))
	for logN := 10; logN <= 13; logN++ {
		t.Run(fmt.Sprint(logN), func(t *testing.T) {
			b := newBed(t, rlweWorld(t, logN, []uint64{61}))
			n, count := b.ring.N, 2
			for level := 1; level <= b.params.MaxLevel(); level++ {
				if logN > 11 && level%2 == 1 {
					continue
				}
				ringQ := b.params.RingQ().AtLevel(level)
				var polys, want, twice []uint64
				for range count {
					p := hardRows(r, n, b.params.Q()[:level+1], 1)
					ringQ.NTT(p, p)
					polys = append(polys, flat(level, p)...)
					quotient := ring.NewPoly(n, level)
					ringQ.DivRoundByLastModulusNTT(p, ring.NewPoly(n, level), quotient)
					want = append(want, flat(level-1, quotient)...)
					if level > 1 {
						ringQ.DivRoundByLastModulusManyNTT(2, p, ring.NewPoly(n, level), quotient)
						twice = append(twice, flat(level-2, quotient)...)
					}
				}
				scratch, once := b.scratch(count, level), b.zeros(len(want))
				b.Must(b.switcher.Rescale(b.Stream, once, b.array(polys), scratch, count, level))
				b.equal(once, want, fmt.Sprint("level ", level))
				if level > 1 {
					out := b.zeros(len(twice))
					b.Must(b.switcher.Rescale(b.Stream, out, once, scratch, count, level-1))
					b.equal(out, twice, fmt.Sprint("level ", level, ", twice"))
				}
			}
		})
	}
}

// TestRows: sums and permutations of rows, of any degree.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 64))
	b := newBed(t, rlweWorld(t, 10, []uint64{61}))
	ringQ := b.params.RingQ()
	level := b.params.MaxLevel()
	p, q := hardRows(r, b.ring.N, b.params.Q(), 1), hardRows(r, b.ring.N, b.params.Q(), 1)
	sum, image := ringQ.NewPoly(), ringQ.NewPoly()
	ringQ.Add(p, q, sum)
	x, y := b.array(flat(level, p, q)), b.array(flat(level, q, p))
	out := b.zeros(x.Len() / 2)
	b.Must(b.ring.Add(b.Stream, out, x, y, level+1))
	b.equal(out, flat(level, sum, sum), "sum")
	for _, galois := range []uint64{3, 5, uint64(2*b.ring.N - 1), 1} {
		ringQ.AutomorphismNTT(p, galois, image)
		want := flat(level, image)
		ringQ.AutomorphismNTT(q, galois, image)
		b.Must(b.ring.Permute(b.Stream, out, x, galois))
		b.equal(out, append(want, flat(level, image)...), fmt.Sprint("automorphism ", galois))
	}
}
