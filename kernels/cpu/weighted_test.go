package cpu

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/kernels/cpu/level"
)

// TestAddWeighted compares with the definition, at the largest sums that are
// allowed and at random, for whole blocks of tiles and parts of them.
func TestAddWeighted(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, q := range testPrimes {
		m := modulus(t, q)
		for _, count := range []int{1, 2, 7, 15} {
			for _, tiles := range []int{0, 1, 3, 4, 8, 13, 64} {
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
					sums := fill(64 * tiles)
					want := slices.Clone(sums)
					var rows, keys [][]uint32
					for j := range count {
						rows, keys = append(rows, fill(64*tiles+j)), append(keys, fill(64))
						for i := range want {
							want[i] = m.Add(want[i], m.Mul(rows[j][i], keys[j][i%64]))
						}
					}
					key := make([]uint32, 64*count)
					m.InterleaveKey(key, keys)
					level.Each(t, func(t *testing.T) {
						got := slices.Clone(sums)
						m.AddWeighted(got, rows, key)
						if !slices.Equal(got, want) {
							t.Fatalf("modulo %d, %d rows of %d tiles (extreme: %v): differs from the definition", q, count, tiles, extreme)
						}
					})
				}
			}
		}
	}
}

func BenchmarkAddWeighted(b *testing.B) {
	const tiles, count = 64, 15
	r := rand.New(rand.NewPCG(23, 24))
	m := modulus(b, testPrimes[0])
	sums, key := residues(r, m.Q, 64*tiles), residues(r, m.Q, 64*count)
	var rows [][]uint32
	for range count {
		rows = append(rows, residues(r, m.Q, 64*tiles+16))
	}
	level.Each(b, func(b *testing.B) {
		for b.Loop() {
			m.AddWeighted(sums, rows, key)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64/tiles/count, "ns/word")
	})
}
