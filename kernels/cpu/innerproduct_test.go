package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cpu/level"
)

// TestInnerProduct compares with the definition, at the largest sums that are
// allowed and at random.
func TestInnerProduct(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, digits := range []int{1, 3, 4, 6, 15} {
			for _, n := range []int{16, 64, 8192} {
				stride := n + 16*(digits%3)
				for _, extreme := range []bool{false, true} {
					fill := func(n int) []uint32 {
						a := residues(r, q, n)
						if extreme {
							for i := range a {
								a[i] = q - 1
							}
						}
						return a
					}
					var base, a, key, want, out [2][]uint32
					for x := range 2 {
						base[x], a[x], key[x], out[x] = fill(n), fill(digits*stride), make([]uint32, digits*n), make([]uint32, n)
						want[x] = slices.Clone(base[x])
						var rows [][]uint32
						for j := range digits {
							rows = append(rows, fill(n))
							for i, k := range rows[j] {
								want[x][i] = m.Add(want[x][i], m.Mul(a[x][j*stride+i], k))
							}
						}
						m.InterleaveKey(key[x], rows)
					}
					level.Each(t, func(t *testing.T) {
						m.InnerProduct(out[0], out[1], base[0], base[1], a[0], a[1], key[0], key[1])
						if !slices.Equal(out[0], want[0]) || !slices.Equal(out[1], want[1]) {
							t.Fatalf("modulo %d, %d digits of %d words (extreme: %v): differs from the definition", q, digits, n, extreme)
						}
					})
				}
			}
		}
	}
}

func BenchmarkInnerProduct(b *testing.B) {
	const n, digits = 8192, 4
	r := rand.New(rand.NewPCG(19, 20))
	m := modulus(b, testPrimes[0])
	row := func(n int) []uint32 { return residues(r, m.Q, n) }
	key := row(digits * n)
	base, a0, a1, out0, out1 := row(n), row(digits*(n+16)), row(digits*(n+16)), row(n), row(n)
	level.Each(b, func(b *testing.B) {
		for b.Loop() {
			m.InnerProduct(out0, out1, base, base, a0, a1, key, key)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/word")
	})
}
