package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestAccumulateAtTheExtreme fills the accumulators as far as Run allows with the
// largest products, and compares with reduction after every step. One sample more
// would overflow the middle accumulator.
func TestAccumulateAtTheExtreme(t *testing.T) {
	const T = 8
	for _, q := range testPrimes[:5] {
		m := modulus(t, q)
		run := m.Run()
		if run < 127 {
			t.Fatalf("only %d samples fit modulo %d", run, q)
		}
		top := uint64(q-1) * uint64(q-1)
		if high := uint64(2*run) * top; high/uint64(2*run) != top {
			t.Fatalf("%d samples overflow modulo %d", run, q)
		}
		if next := uint64(2*(run+1)) * top; next/uint64(2*(run+1)) == top {
			t.Errorf("%d samples would still fit modulo %d", run+1, q)
		}
		fill := func(n int) []uint32 {
			a := make([]uint32, n)
			for i := range a {
				a[i] = q - 1
			}
			return a
		}
		check(t, m, fill(run*T), fill(run*T), fill(run*2*T), 2*T, T)
	}
}

func TestAccumulateRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, samples := range []int{1, 2, 63, 64, 127} {
			const T, columns = 16, 3
			stride := columns * 2 * T
			check(t, m, residues(r, q, samples*T), residues(r, q, samples*T), residues(r, q, samples*stride), stride, T)
		}
	}
}

// check compares Accumulate and ReduceAdd with reducing every product at once.
func check(t *testing.T, m Modulus, c0, c1, d []uint32, stride, T int) {
	t.Helper()
	acc := make([]uint64, 3*T)
	portable := make([]uint64, 3*T)
	start := residues(rand.New(rand.NewPCG(1, 1)), m.Q, 3*T)
	want := append([]uint32(nil), start...)
	Accumulate(acc, c0, c1, d, stride, T)
	accumulatePortable(portable, c0, c1, d, stride, T)
	if !slices.Equal(acc, portable) {
		t.Fatalf("modulo %d, %d samples: the portable routine differs", m.Q, len(c0)/T)
	}
	m.ReduceAdd(start, acc)
	for s := range len(c0) / T {
		for j := range T {
			x0, x1 := c0[s*T+j], c1[s*T+j]
			y0, y1 := d[s*stride+j], d[s*stride+T+j]
			want[j] = m.Add(want[j], m.Mul(x0, y0))
			want[T+j] = m.Add(want[T+j], m.Add(m.Mul(x0, y1), m.Mul(x1, y0)))
			want[2*T+j] = m.Add(want[2*T+j], m.Mul(x1, y1))
		}
	}
	for j := range want {
		if start[j] != want[j] {
			t.Fatalf("modulo %d, %d samples: word %d is %d, want %d", m.Q, len(c0)/T, j, start[j], want[j])
		}
		if acc[j] != 0 {
			t.Fatal("accumulators were not cleared")
		}
	}
}

func TestMultiplyAdd2(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	m := modulus(t, testPrimes[0])
	for _, n := range []int{1, 8, 50, 64, 8192} {
		a, b0, b1 := residues(r, m.Q, n), residues(r, m.Q, n), residues(r, m.Q, n)
		for name, multiplyAdd2 := range map[string]func(acc0, acc1 []uint64, a, b0, b1 []uint32){
			"MultiplyAdd2": MultiplyAdd2, "portable": multiplyAdd2Portable,
		} {
			acc0, acc1 := make([]uint64, n), make([]uint64, n)
			for range 2 {
				multiplyAdd2(acc0, acc1, a, b0, b1)
			}
			dst := make([]uint32, n)
			for k, b := range [][]uint32{b0, b1} {
				m.ReduceVec(dst, [][]uint64{acc0, acc1}[k])
				for i := range dst {
					if want := m.Mul(2, m.Mul(a[i], b[i])); dst[i] != want {
						t.Fatalf("%s of %d, row %d at %d: %d, want %d", name, n, k, i, dst[i], want)
					}
				}
			}
		}
	}
}

// BenchmarkAccumulate sums one tile of 64 samples for one column.
func BenchmarkAccumulate(b *testing.B) {
	const samples, T = 64, 64
	r := rand.New(rand.NewPCG(15, 16))
	c0, c1, d := residues(r, testPrimes[0], samples*T), residues(r, testPrimes[0], samples*T), residues(r, testPrimes[0], samples*2*T)
	acc := make([]uint64, 3*T)
	for name, accumulate := range map[string]func(acc []uint64, c0, c1, d []uint32, stride, T int){"vector": Accumulate, "portable": accumulatePortable} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				accumulate(acc, c0, c1, d, 2*T, T)
			}
		})
	}
}
