package pipeline

import (
	"math/rand/v2"
	"testing"

	"genoveil/genomics"
	"genoveil/he"
)

// TestHardCallTally compares with counting and summing genotype by genotype.
func TestHardCallTally(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, samples := range []int{1, 3, 4, 5, 64, 999} {
		params, err := Plan(samples, HardCalls)
		if err != nil {
			t.Fatal(err)
		}
		modulus, err := params.NewCheckModulus(samples)
		if err != nil {
			t.Fatal(err)
		}
		key, err := modulus.NewKey(samples)
		if err != nil {
			t.Fatal(err)
		}
		for _, only := range []int{-1, 0, 1, 2, 3} {
			m := &hardCalls{samples: samples, rows: make([]byte, genomics.RowLen(samples))}
			var want tally
			for i, k := range key {
				g := genomics.Genotype(r.UintN(4))
				if only >= 0 {
					g = genomics.Genotype(only)
				}
				m.row(0).Set(i, g)
				want.counts[g]++
				for n, plane := range HardCalls.Planes() {
					want.check[n] = modulus.Add(want.check[n], modulus.Mul(k, int64(hardCallValues[plane][g])))
				}
			}
			c, err := newCheck(modulus, key, HardCalls)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.tally(0, c); got != want {
				t.Fatalf("%d samples, genotype %d: %+v, want %+v", samples, only, got, want)
			}
		}
	}
}

// TestCheckSumsFit refuses sums of κ that could pass 64 bits.
func TestCheckSumsFit(t *testing.T) {
	large := he.CheckModulus{P: 1 << 62, Digits: 5}
	if _, err := newCheck(large, make([]uint64, 3), HardCalls); err != nil {
		t.Error(err)
	}
	if _, err := newCheck(large, make([]uint64, 4), HardCalls); err == nil {
		t.Error("sums of four κ below 2^62 were called safe")
	}
	if _, err := newCheck(large, make([]uint64, 4), Dosages); err != nil {
		t.Error(err)
	}
}

func BenchmarkHardCallTally(b *testing.B) {
	const samples = 10_000
	m := &hardCalls{samples: samples, rows: make([]byte, genomics.RowLen(samples))}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range m.rows {
		m.rows[i] = byte(r.Uint32())
	}
	modulus := he.CheckModulus{P: 549000000001, Digits: 3}
	key, err := modulus.NewKey(samples)
	if err != nil {
		b.Fatal(err)
	}
	c, err := newCheck(modulus, key, HardCalls)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m.tally(0, c)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/samples, "ns/genotype")
}
