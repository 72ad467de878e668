package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestInnerProduct compares with the definition, at the largest sums that are
// allowed and at random.
func TestInnerProduct(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 18))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, digits := range []int{1, 3, 4, 6, 15} {
			for _, n := range []int{16, 64, 8192} {
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
					base, a := fill(n), fill(digits*n)
					want0, want1 := slices.Clone(base), make([]uint32, n)
					var rows [][2][]uint32
					for j := range digits {
						k := [2][]uint32{fill(n), fill(n)}
						rows = append(rows, k)
						for i := range n {
							want0[i] = m.Add(want0[i], m.Mul(a[j*n+i], k[0][i]))
							want1[i] = m.Add(want1[i], m.Mul(a[j*n+i], k[1][i]))
						}
					}
					key := m.InterleaveKey(rows)
					eachLevel(t, func(t *testing.T) {
						got0, got1 := make([]uint32, n), make([]uint32, n)
						m.InnerProduct(got0, got1, base, a, key)
						if !slices.Equal(got0, want0) || !slices.Equal(got1, want1) {
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
	row := func() []uint32 { return residues(r, m.Q, n) }
	var rows [][2][]uint32
	for range digits {
		rows = append(rows, [2][]uint32{row(), row()})
	}
	base, a, key := row(), residues(r, m.Q, digits*n), m.InterleaveKey(rows)
	out0, out1 := row(), row()
	eachLevel(b, func(b *testing.B) {
		for b.Loop() {
			m.InnerProduct(out0, out1, base, a, key)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/word")
	})
}
