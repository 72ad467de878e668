//go:build cuda

package word64

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cuda"

	"github.com/tuneinsight/lattigo/v5/core/rlwe"
	"github.com/tuneinsight/lattigo/v5/ring"
)

// TestTransforms: every degree forth and back, on hard words, as Lattigo's ring.
func TestTransforms(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 64))
	for logN := cuda.MinLogN; logN <= cuda.MaxLogN; logN++ {
		t.Run(fmt.Sprint(logN), func(t *testing.T) {
			n := 1 << logN
			all := primesBelow(t, n, 61, 31, 45, 60)
			params, err := rlwe.NewParametersFromLiteral(rlwe.ParametersLiteral{LogN: logN, Q: all[:3], P: all[3:], NTTFlag: true})
			if err != nil {
				t.Fatal(err)
			}
			b := newBed(t, params)
			ringQ := params.RingQ()
			largest := ringQ.NewPoly()
			for i, q := range all[:3] {
				largest.Coeffs[i] = slices.Repeat([]uint64{q - 1}, n)
			}
			for _, p := range []ring.Poly{hardRows(r, n, all[:3], 1), largest} {
				forward, inverse := ringQ.NewPoly(), ringQ.NewPoly()
				ringQ.NTT(p, forward)
				ringQ.INTT(p, inverse)
				x := b.array(flat(2, p))
				b.Must(b.ring.Forward(b.Stream, x, 0, 3))
				b.equal(x, flat(2, forward), "forward")
				b.Must(b.ring.Inverse(b.Stream, x, 0, 3))
				b.equal(x, flat(2, p), "forth and back")
				b.Must(b.ring.Inverse(b.Stream, x, 0, 3))
				b.equal(x, flat(2, inverse), "inverse")
			}
			// Two polynomials modulo the other primes.
			var rows, transformed []uint64
			for range 2 {
				for _, s := range append(ringQ.SubRings[1:3:3], params.RingP().SubRings...) {
					row, want := make([]uint64, n), make([]uint64, n)
					for i := range row {
						row[i] = r.Uint64N(s.Modulus)
					}
					s.NTT(row, want)
					rows, transformed = append(rows, row...), append(transformed, want...)
				}
			}
			x := b.array(rows)
			b.Must(b.ring.Forward(b.Stream, x, 1, len(all)-1))
			b.equal(x, transformed, "forward, two polynomials")
			b.Must(b.ring.Inverse(b.Stream, x, 1, len(all)-1))
			b.equal(x, rows, "forth and back, two polynomials")
		})
	}
}

func TestRefusals(t *testing.T) {
	b := newBed(t, rlweWorld(t, 10, []uint64{61}))
	q := b.ring.Primes[0]
	for _, c := range []struct {
		n           int
		prime, root uint64
	}{{1 << 9, q, 1}, {1000, q, 1}, {b.ring.N, q, 1}, {b.ring.N, 1<<61 + 1<<20 + 1, 3}, {b.ring.N, 1<<60 + 1, 1 << 60}} {
		if _, err := NewRing(b.Device, c.n, []uint64{c.prime}, []uint64{c.root}); err == nil {
			t.Errorf("%d %d %d is taken for a ring", c.n, c.prime, c.root)
		}
	}
	for _, special := range []int{0, len(b.ring.Primes), -1} {
		if _, err := b.ring.NewSwitcher(b.Stream, special); err == nil {
			t.Errorf("%d special primes of %d are taken", special, len(b.ring.Primes))
		}
	}
}
