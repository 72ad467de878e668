//go:build cuda

package cuda

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"genoveil/gpu"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
)

// A bed64 is a Lattigo ring on a device.
type bed64 struct {
	*bed
	params   rlwe.Parameters
	ring     *Ring64
	switcher *Switcher64
}

func newBed64(t *testing.T, params rlwe.Parameters) *bed64 {
	t.Helper()
	d, err := device()
	if err != nil {
		t.Fatal(err)
	}
	b := &bed64{bed: &bed{t: t, device: d}, params: params}
	if b.stream, err = d.NewStream(); err != nil {
		t.Fatal(err)
	}
	primes := append(append([]uint64{}, params.Q()...), params.P()...)
	var roots []uint64
	for _, s := range append(append([]*ring.SubRing{}, params.RingQ().SubRings...), params.RingP().SubRings...) {
		roots = append(roots, ring.IMForm(s.RootsForward[params.N()/2], s.Modulus, s.MRedConstant))
	}
	if b.ring, err = NewRing64(d, params.N(), primes, roots); err != nil {
		t.Fatal(err)
	}
	if b.switcher, err = b.ring.NewSwitcher(d, b.stream, params.PCount()); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bed64) array64(x []uint64) gpu.Words { return b.array(words64(x)) }

func (b *bed64) zeros64(n int) gpu.Words { return b.array64(make([]uint64, n)) }

func (b *bed64) equal64(got gpu.Words, want []uint64, what string) {
	b.t.Helper()
	b.equal(got, words64(want), what)
}

// flat is rows 0 … level of polynomials.
func flat(level int, polys ...ring.Poly) (words []uint64) {
	for _, p := range polys {
		for _, row := range p.Coeffs[:level+1] {
			words = append(words, row...)
		}
	}
	return words
}

func (b *bed64) key(g *rlwe.GadgetCiphertext) Key64 {
	b.t.Helper()
	var words []uint64
	for _, digit := range g.Value {
		for _, p := range digit[0] {
			words = append(words, flat(b.params.MaxLevel(), p.Q)...)
			words = append(words, flat(b.params.PCount()-1, p.P)...)
		}
	}
	k, err := b.switcher.WriteKey(b.device, b.stream, words)
	b.must(err)
	b.t.Cleanup(func() { k.Free(b.device) })
	return k
}

func (b *bed64) scratch(count, level int) gpu.Words {
	return b.array(make([]uint32, b.switcher.ScratchWords(count, level)))
}

// primes64 are primes just below the powers of two, for rings of degree n.
func primes64(t *testing.T, n int, logs ...uint64) (primes []uint64) {
	generators := map[uint64]*ring.NTTFriendlyPrimesGenerator{}
	for _, log := range logs {
		if generators[log] == nil {
			g := ring.NewNTTFriendlyPrimesGenerator(log, uint64(2*n))
			generators[log] = &g
		}
		p, err := generators[log].NextDownstreamPrime()
		if err != nil {
			t.Fatal(err)
		}
		primes = append(primes, p)
	}
	return primes
}

// hardRows are coefficients of which lifting is difficult, in groups of primes: random
// ones, 0, −1, the halves of the group's product and what is beside them, and ends and halves of
// each prime at random.
func hardRows(r *rand.Rand, n int, primes []uint64, group int) ring.Poly {
	rows := ring.NewPoly(n, len(primes)-1)
	for first := 0; first < len(primes); first += group {
		own := primes[first:min(first+group, len(primes))]
		product := big.NewInt(1)
		for _, q := range own {
			product.Mul(product, new(big.Int).SetUint64(q))
		}
		half := new(big.Int).Rsh(product, 1)
		for j := range n {
			kind, off := r.IntN(6), int64(r.IntN(7)-3)
			for i, q := range own {
				x := r.Uint64N(q)
				switch kind {
				case 0:
					x = modBig(big.NewInt(off), q)
				case 1:
					x = modBig(new(big.Int).Add(half, big.NewInt(off)), q)
				case 2:
					x = (x & 1) * (q - 1)
				case 3:
					x = q/2 - 2 + x%5
				}
				rows.Coeffs[first+i][j] = x
			}
		}
	}
	return rows
}

func modBig(x *big.Int, q uint64) uint64 {
	return new(big.Int).Mod(x, new(big.Int).SetUint64(q)).Uint64()
}

// uniformRows are random residues.
func uniformRows(r *rand.Rand, n int, primes []uint64) ring.Poly {
	rows := ring.NewPoly(n, len(primes)-1)
	for i, q := range primes {
		for j := range rows.Coeffs[i] {
			rows.Coeffs[i][j] = r.Uint64N(q)
		}
	}
	return rows
}
