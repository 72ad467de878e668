//go:build cuda

package word64

import (
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"genoveil/gpu"
	"genoveil/kernels/cuda/cudatest"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
)

var device = sync.OnceValues(func() (*gpu.Device, error) { return gpu.Open(0, Modules()) })

// A bed is a Lattigo ring on a device.
type bed struct {
	*cudatest.Bed
	params   rlwe.Parameters
	ring     *Ring
	switcher *Switcher
}

func newBed(t *testing.T, params rlwe.Parameters) *bed {
	t.Helper()
	b := &bed{Bed: cudatest.New(t, device), params: params}
	primes := append(append([]uint64{}, params.Q()...), params.P()...)
	var roots []uint64
	for _, s := range append(append([]*ring.SubRing{}, params.RingQ().SubRings...), params.RingP().SubRings...) {
		roots = append(roots, ring.IMForm(s.RootsForward[params.N()/2], s.Modulus, s.MRedConstant))
	}
	var err error
	b.ring, err = NewRing(b.Device, params.N(), primes, roots)
	b.Must(err)
	b.switcher, err = b.ring.NewSwitcher(b.Stream, params.PCount())
	b.Must(err)
	return b
}

func (b *bed) array(x []uint64) gpu.Words { return b.Array(halves(x)) }

func (b *bed) zeros(n int) gpu.Words { return b.array(make([]uint64, n)) }

func (b *bed) equal(got gpu.Words, want []uint64, what string) {
	b.T.Helper()
	b.Equal(got, halves(want), what)
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

func (b *bed) key(g *rlwe.GadgetCiphertext) Key {
	b.T.Helper()
	var words []uint64
	for _, digit := range g.Value {
		for _, p := range digit[0] {
			words = append(words, flat(b.params.MaxLevel(), p.Q)...)
			words = append(words, flat(b.params.PCount()-1, p.P)...)
		}
	}
	k, err := b.switcher.WriteKey(b.Stream, words)
	b.Must(err)
	b.T.Cleanup(func() { k.Free(b.Device) })
	return k
}

func (b *bed) scratch(count, level int) gpu.Words {
	return b.Array(make([]uint32, b.switcher.ScratchWords(count, level)))
}

// primesBelow are primes just below the powers of two, for rings of degree n.
func primesBelow(t *testing.T, n int, logs ...uint64) (primes []uint64) {
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
