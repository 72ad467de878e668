package cpu

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cpu/level"
)

// automorphism is X → X^g on coefficients.
func automorphism(m Modulus, a []uint32, g int) []uint32 {
	n := len(a)
	out := make([]uint32, n)
	for i, x := range a {
		if k := i * g % (2 * n); k < n {
			out[k] = m.Add(out[k], x)
		} else {
			out[k-n] = m.Sub(out[k-n], x)
		}
	}
	return out
}

// TestPermutation compares with the definition on coefficients.
func TestPermutation(t *testing.T) {
	for _, c := range []struct {
		n int
		q uint32
	}{{16, 65537}, {64, 12289}, {8192, 268369921}} {
		ntt, err := NewNTT(c.n, c.q)
		if err != nil {
			t.Fatal(err)
		}
		a := residues(rand.New(rand.NewPCG(9, 10)), c.q, c.n)
		for _, g := range []int{1, 3, 5, 15, c.n + 1, c.n/2 + 1, c.n/4 + 1, 2*c.n - 1} {
			want := automorphism(ntt.Modulus, a, g)
			ntt.Forward(want)
			transformed := slices.Clone(a)
			ntt.Forward(transformed)
			permutation := NewPermutation(c.n, uint64(g))
			level.Each(t, func(t *testing.T) {
				got := make([]uint32, c.n)
				permutation.Apply(got, transformed)
				if !slices.Equal(got, want) {
					t.Errorf("X → X^%d of size %d differs", g, c.n)
				}
			})
		}
	}
}

// TestSplitTakesCoefficients splits real images: the part at place p must be R
// times the coefficients ≡ s mod R, s the bit-reversal of p.
func TestSplitTakesCoefficients(t *testing.T) {
	const n, q = 64, 12289
	ntt, err := NewNTT(n, q)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(23, 24))
	for depth := range 6 {
		for levels := 1; levels <= min(3, 6-depth); levels++ {
			R := 1 << levels
			a := make([]uint32, n)
			for i := 0; i < n; i += 1 << depth {
				a[i] = r.Uint32N(q)
			}
			var images []uint32
			for k := range R {
				image := automorphism(ntt.Modulus, a, 1+k*2*n>>(depth+levels))
				ntt.Forward(image)
				images = append(images, image...)
			}
			parts := make([]uint32, R*n)
			NewSplitter(ntt, depth, levels).Split(parts, n, images, n)
			for p := range R {
				part := parts[p*n:][:n]
				ntt.Inverse(part)
				for i, x := range part {
					want := uint32(0)
					if i%(R<<depth) == 0 {
						want = ntt.Mul(uint32(R), a[i+reverseBits(p, R)<<depth])
					}
					if x != want {
						t.Fatalf("depth %d, %d parts: coefficient %d of part %d is %d, want %d", depth, R, i, p, x, want)
					}
				}
			}
		}
	}
}

// TestSplitLevels compares the levels on arbitrary and extreme rows.
func TestSplitLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	for _, c := range []struct {
		n             int
		q             uint32
		depth, levels int
	}{{16, 65537, 0, 3}, {64, 12289, 0, 3}, {64, 12289, 1, 2}, {8192, 268369921, 0, 1}, {8192, 268369921, 1, 3}, {8192, 268238849, 4, 3}, {8192, 268091393, 7, 3}, {8192, 268369921, 10, 3}} {
		ntt, err := NewNTT(c.n, c.q)
		if err != nil {
			t.Fatal(err)
		}
		s := NewSplitter(ntt, c.depth, c.levels)
		R, stride, imageStride := 1<<c.levels, c.n+48, c.n+16
		for _, extreme := range []bool{false, true} {
			images := residues(r, c.q, R*imageStride)
			if extreme {
				for i := range images {
					images[i] = c.q - 1
				}
			}
			want := make([]uint32, R*stride)
			s.splitPortable(want, stride, images, imageStride)
			level.Each(t, func(t *testing.T) {
				got := make([]uint32, R*stride)
				s.Split(got, stride, images, imageStride)
				if !slices.Equal(got, want) {
					t.Fatalf("%+v (extreme: %v) differs from the portable routine", c, extreme)
				}
			})
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	ntt, err := NewNTT(8192, 268369921)
	if err != nil {
		b.Fatal(err)
	}
	images, parts := residues(rand.New(rand.NewPCG(27, 28)), ntt.Q, 8*8208), make([]uint32, 8*8208)
	for _, depth := range []int{1, 10} {
		s := NewSplitter(ntt, depth, 3)
		b.Run(fmt.Sprint("depth=", depth), func(b *testing.B) {
			level.Each(b, func(b *testing.B) {
				for b.Loop() {
					s.Split(parts, 8208, images, 8208)
				}
			})
		})
	}
	b.Run("permutation", func(b *testing.B) {
		p := NewPermutation(8192, 3)
		level.Each(b, func(b *testing.B) {
			for b.Loop() {
				p.Apply(parts[:8192], images[:8192])
			}
		})
	})
}
