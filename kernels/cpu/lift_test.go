package cpu

import (
	"math/rand/v2"
	"testing"

	"genoveil/kernels/cpu/level"
)

// representative is the residue x modulo p that is closest to zero.
func representative(x, p uint32, lowHalf bool) int64 {
	if x > p/2 || lowHalf && x == p/2 {
		return int64(x) - int64(p)
	}
	return int64(x)
}

// edges returns n residues with those around p/2 among them.
func edges(r *rand.Rand, p uint32, n int) []uint32 {
	return append(residues(r, p, n-5), 0, p/2-1, p/2, p/2+1, p-1)
}

// TestLift compares with the definition.
func TestLift(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, p := range testPrimes {
		for _, q := range testPrimes {
			from, to := modulus(t, p), modulus(t, q)
			for _, n := range []int{205, 208} {
				src := edges(r, p, n)
				for _, lowHalf := range []bool{false, true} {
					level.Each(t, func(t *testing.T) {
						dst := make([]uint32, n)
						Lift(dst, src, from, to, lowHalf)
						for i, x := range src {
							if want := to.ReduceSigned(representative(x, p, lowHalf)); dst[i] != want {
								t.Fatalf("Lift of %d from %d to %d (%v) = %d, want %d", x, p, q, lowHalf, dst[i], want)
							}
						}
					})
				}
			}
		}
	}
}

// TestMulAddLift compares with the definition, for any word in dst.
func TestMulAddLift(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, p := range testPrimes {
		for _, q := range testPrimes {
			from, m := modulus(t, p), modulus(t, q)
			for _, n := range []int{205, 208} {
				src, old, w := edges(r, p, n), make([]uint32, n), r.Uint32N(q)
				for i := range old {
					old[i] = r.Uint32() | uint32(r.IntN(2))*0xffff0000
				}
				level.Each(t, func(t *testing.T) {
					dst := append([]uint32(nil), old...)
					m.MulAddLift(dst, src, from, w)
					for i, x := range src {
						want := m.Add(m.Mul(m.Reduce(uint64(old[i])), w), m.ReduceSigned(representative(x, p, false)))
						if dst[i] >= 2*q || dst[i]%q != want {
							t.Fatalf("%d·%d + lift of %d from %d to %d = %d, want %d", old[i], w, x, p, q, dst[i], want)
						}
					}
				})
			}
		}
	}
}

// TestDivideOutTiles compares with the definition, and looks between the tiles.
func TestDivideOutTiles(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, tiles := range []int{1, 3, 128} {
			n := tiles * tileWidth
			a, b, w := residues(r, q, n), residues(r, q, n), r.Uint32N(q)
			for _, stride := range []int{tileWidth, 96, 100} {
				level.Each(t, func(t *testing.T) {
					dst := make([]uint32, (tiles-1)*stride+tileWidth+1<<14) // large ones are aligned
					m.DivideOutTiles(dst, stride, a, b, w)
					for i, x := range dst {
						want, j := uint32(0), i/stride*tileWidth+i%stride
						if i%stride < tileWidth && j < n {
							want = m.Mul(m.Sub(a[j], b[j]), w)
						}
						if x != want {
							t.Fatalf("modulo %d, stride %d: word %d is %d, want %d", q, stride, i, x, want)
						}
					}
				})
			}
		}
	}
}

// BenchmarkElementwise times the routines on rows of 8192 words.
func BenchmarkElementwise(b *testing.B) {
	const n = 8192
	r := rand.New(rand.NewPCG(33, 34))
	from, m := modulus(b, testPrimes[0]), modulus(b, testPrimes[1])
	a, c, dst := residues(r, m.Q, n), residues(r, m.Q, n), make([]uint32, n)
	for _, op := range []struct {
		name string
		do   func()
	}{
		{"Lift", func() { Lift(dst, a, from, m, false) }},
		{"MulAddLift", func() { m.MulAddLift(dst, a, from, 12345) }},
		{"DivideOut", func() { m.DivideOut(dst, a, c, 12345) }},
		{"DivideOutTiles", func() { m.DivideOutTiles(dst, tileWidth, a, c, 12345) }},
		{"Scale", func() { m.Scale(dst, a, 12345) }},
		{"AddVec", func() { m.AddVec(dst, a, c) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			level.Each(b, func(b *testing.B) {
				for b.Loop() {
					op.do()
				}
			})
		})
	}
}
