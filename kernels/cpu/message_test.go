package cpu

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cpu/level"
)

var messageLengths = []int{0, 1, 15, 16, 17, 48, 64, 100, 1024, 8192}

// signed returns values of every size, with the extremes of 32 bits among them.
func signed(r *rand.Rand, n int) []int32 {
	extremes := []int32{0, 1, -1, math.MaxInt32, math.MinInt32, math.MinInt32 + 1, 1_000_000, -1_000_000}
	v := make([]int32, n)
	for i := range v {
		if v[i] = int32(r.Uint32()) >> r.IntN(32); r.IntN(4) == 0 {
			v[i] = extremes[r.IntN(len(extremes))]
		}
	}
	return v
}

func repeat[T any](n int, x T) []T { return slices.Repeat([]T{x}, n) }

func TestMulAddSigned(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	level.Each(t, func(t *testing.T) {
		for _, q := range testPrimes {
			m := modulus(t, q)
			for _, n := range messageLengths {
				extremes := [][2][]int32{
					{repeat[int32](n, -1), repeat(n, -min(21, int32(q)))},
					{repeat[int32](n, math.MaxInt32), repeat(n, int32(q))},
					{repeat[int32](n, math.MinInt32), repeat(n, -int32(q))},
					{signed(r, n), make([]int32, n)},
				}
				for i := range n {
					extremes[3][1][i] = int32(r.Uint32N(2*q+1)) - int32(q)
				}
				for _, ve := range extremes {
					for _, w := range []uint32{0, 1, q - 1, r.Uint32N(q)} {
						got := make([]uint32, n)
						m.MulAddSigned(got, ve[0], ve[1], w)
						for i, x := range got {
							v, e := ve[0][i], ve[1][i]
							if want := m.ReduceSigned(int64(v)*int64(w) + int64(e)); x >= 2*q || m.Reduce(uint64(x)) != want {
								t.Fatalf("modulo %d, word %d of %d: %d·%d + %d gives %d, want %d", q, i, n, v, w, e, x, want)
							}
						}
						twin := make([]uint32, n)
						mulAddSignedPortable(twin, ve[0], ve[1], w, m.Shoup(w), q+m.Neg(m.Mul(m.Reduce(1<<31), w)), q)
						if !slices.Equal(got, twin) {
							t.Fatalf("modulo %d, %d words: the portable routine differs", q, n)
						}
					}
				}
			}
		}
	})
}

func TestShoupVec(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 34))
	for _, q := range testPrimes {
		m := modulus(t, q)
		w := append(residues(r, q, 10_000), 0, 1, q/2, q-2, q-1)
		got := make([]uint32, len(w))
		m.ShoupVec(got, w)
		for i, x := range w {
			want := new(big.Int).Lsh(big.NewInt(int64(x)), 32)
			if want.Div(want, big.NewInt(int64(q))); uint64(got[i]) != want.Uint64() {
				t.Fatalf("modulo %d: companion of %d is %d, want %d", q, x, got[i], want)
			}
		}
	}
}

// TestMulSubTiles compares with Sub and Mul, and looks at the words between rows.
func TestMulSubTiles(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	level.Each(t, func(t *testing.T) {
		for _, q := range testPrimes {
			m := modulus(t, q)
			for _, shape := range [][3]int{{64, 64, 0}, {64, 64, 1}, {64, 320, 5}, {16, 16, 3}, {48, 100, 2}, {20, 50, 3}, {8192, 8192, 1}} {
				width, stride, tiles := shape[0], shape[1], shape[2]
				n := width * tiles
				inputs := [][3][]uint32{
					{residues(r, q, n), residues(r, q, n), residues(r, q, n)},
					{repeat(n, q-1), repeat(n, q-1), repeat(n, q-1)},
					{repeat[uint32](n, 0), repeat(n, q-1), repeat(n, q-1)},
					{repeat(n, q-1), repeat(n, q-1), repeat[uint32](n, 1)},
					{repeat(n, q-1), repeat[uint32](n, 0), repeat[uint32](n, 0)},
				}
				for _, in := range inputs {
					a, b, w := in[0], in[1], in[2]
					shoup := make([]uint32, n)
					m.ShoupVec(shoup, w)
					got, want := repeat[uint32](tiles*stride, 7), repeat[uint32](tiles*stride, 7)
					m.MulSubTiles(got, stride, width, a, b, w, shoup)
					for i := range a {
						want[i/width*stride+i%width] = m.Sub(a[i], m.Mul(b[i], w[i]))
					}
					if !slices.Equal(got, want) {
						t.Fatalf("modulo %d: %d rows of %d, stride %d differ", q, tiles, width, stride)
					}
				}
			}
		}
	})
}

func TestWithin(t *testing.T) {
	level.Each(t, func(t *testing.T) {
		for _, limit := range []int32{0, 1, 1_000_000, math.MaxInt32} {
			for _, x := range []int32{0, limit, -limit, limit + 1, -limit - 1, 1, -1, math.MaxInt32, math.MinInt32} {
				want := int64(x) <= int64(limit) && int64(x) >= -int64(limit)
				for _, n := range []int{1, 16, 17, 64, 8192} {
					for _, at := range []int{0, n / 2, n - 1} {
						v := make([]int32, n)
						v[at] = x
						if got := Within(v, limit); got != want {
							t.Fatalf("%d at %d of %d within ±%d: %t", x, at, n, limit, got)
						}
					}
				}
			}
		}
		if !Within(nil, 0) {
			t.Error("no values are outside")
		}
	})
}

func BenchmarkMessage(b *testing.B) {
	const n, width = 8192, 64
	m := modulus(b, testPrimes[0])
	r := rand.New(rand.NewPCG(37, 38))
	v, e, dst := make([]int32, n), make([]int32, n), make([]uint32, n)
	a, c, w, shoup := residues(r, m.Q, n), residues(r, m.Q, n), residues(r, m.Q, n), make([]uint32, n)
	m.ShoupVec(shoup, w)
	level.Each(b, func(b *testing.B) {
		b.Run("MulAddSigned", func(b *testing.B) {
			for b.Loop() {
				m.MulAddSigned(dst, v, e, w[0])
			}
			perItem(b, n, "word")
		})
		b.Run("MulSubTiles", func(b *testing.B) {
			for b.Loop() {
				m.MulSubTiles(dst, width, width, a, c, w, shoup)
			}
			perItem(b, n, "word")
		})
		b.Run("Within", func(b *testing.B) {
			for b.Loop() {
				Within(v, 1)
			}
			perItem(b, n, "word")
		})
	})
}

// perItem reports the time for one of n items.
func perItem(b *testing.B, n int, item string) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/"+item)
}
