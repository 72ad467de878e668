package cpu

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tuneinsight/lattigo/v5/ring"

	"genoveil/kernels/cpu/level"
)

// TestNTTEqualsLattigo holds the transforms against Lattigo's: same roots, same
// order, for random and extreme inputs up to 2q−1.
func TestNTTEqualsLattigo(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, c := range []struct {
		n int
		q uint32
	}{{16, 65537}, {32, 12289}, {64, 12289}, {128, 12289}, {256, 12289}, {512, 12289}, {1024, 268238849}, {2048, 12289}, {4096, 268369921}, {8192, 268369921}, {8192, 268091393}} {
		t.Run(fmt.Sprintf("N=%d,q=%d", c.n, c.q), func(t *testing.T) {
			ours, err := NewNTT(c.n, c.q)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := ring.NewRing(c.n, []uint64{uint64(c.q)})
			if err != nil {
				t.Fatal(err)
			}
			for _, fill := range []func() uint32{
				func() uint32 { return r.Uint32N(2 * c.q) },
				func() uint32 { return 2*c.q - 1 },
				func() uint32 { return c.q },
				func() uint32 { return 0 },
			} {
				input, wide := make([]uint32, c.n), theirs.NewPoly()
				for i := range input {
					input[i] = fill()
					wide.Coeffs[0][i] = uint64(input[i] % c.q)
				}
				for name, transform := range map[string]struct {
					ours   func([]uint32)
					theirs func(a, b ring.Poly)
				}{"Forward": {ours.Forward, theirs.NTT}, "Inverse": {ours.Inverse, theirs.INTT}} {
					want := theirs.NewPoly()
					transform.theirs(wide, want)
					level.Each(t, func(t *testing.T) {
						got := slices.Clone(input)
						transform.ours(got)
						for i := range got {
							if uint64(got[i]) != want.Coeffs[0][i] {
								t.Fatalf("%s at %d: %d, want %d", name, i, got[i], want.Coeffs[0][i])
							}
						}
					})
				}
			}
		})
	}
}

// TestNTTMultiplies compares with the schoolbook product modulo X^N+1.
func TestNTTMultiplies(t *testing.T) {
	const n, q = 64, 12289
	ntt, err := NewNTT(n, q)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 8))
	a, b := residues(r, q, n), residues(r, q, n)
	want := make([]uint32, n)
	for i := range a {
		for j := range b {
			p := ntt.Mul(a[i], b[j])
			if i+j < n {
				want[i+j] = ntt.Add(want[i+j], p)
			} else {
				want[i+j-n] = ntt.Sub(want[i+j-n], p)
			}
		}
	}
	ntt.Forward(a)
	ntt.Forward(b)
	ntt.MulVec(a, a, b)
	ntt.Inverse(a)
	if !slices.Equal(a, want) {
		t.Error("product through the transform differs from the schoolbook product")
	}
}

func TestNewNTTRefuses(t *testing.T) {
	for _, c := range []struct {
		n int
		q uint32
	}{{8, 12289}, {48, 12289}, {8192, 12289}, {64, 12288}} {
		if _, err := NewNTT(c.n, c.q); err == nil {
			t.Errorf("size %d modulo %d was accepted", c.n, c.q)
		}
	}
}

func BenchmarkNTT(b *testing.B) {
	const n, q = 8192, 268369921
	ours, err := NewNTT(n, q)
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := ring.NewRing(n, []uint64{q})
	if err != nil {
		b.Fatal(err)
	}
	a, wide := make([]uint32, n), theirs.NewPoly()
	for _, direction := range []struct {
		name   string
		ours   func([]uint32)
		theirs func(a, b ring.Poly)
	}{{"forward", ours.Forward, theirs.NTT}, {"inverse", ours.Inverse, theirs.INTT}} {
		b.Run(direction.name, func(b *testing.B) {
			level.Each(b, func(b *testing.B) {
				for b.Loop() {
					direction.ours(a)
				}
			})
			b.Run("Lattigo", func(b *testing.B) {
				for b.Loop() {
					direction.theirs(wide, wide)
				}
			})
		})
	}
}
