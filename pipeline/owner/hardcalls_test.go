package owner

import (
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/genomics"
	"genoveil/he"
	"genoveil/pipeline/format"
	"genoveil/pipeline/private"
)

// TestHardCallTally compares with counting and summing genotype by genotype.
func TestHardCallTally(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, samples := range []int{1, 3, 4, 5, 64, 999} {
		params, err := format.Plan(samples, format.HardCalls)
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
			const rows = tallyRows + 3
			m := &hardCalls{samples: samples, rows: make([]byte, rows*genomics.RowLen(samples))}
			want, got := make([]private.Tally, rows), make([]private.Tally, rows)
			for j := range rows {
				for i := range key {
					g := genomics.Genotype(r.UintN(4))
					if only >= 0 {
						g = genomics.Genotype(only)
					}
					m.row(j).Set(i, g)
					want[j].Counts[g]++
					for n, plane := range format.HardCalls.Planes() {
						want[j].Check[n] = addScaled(modulus, want[j].Check[n], key[i], HardCallValues[plane][g])
					}
				}
			}
			c, err := newCheck(modulus, key, format.HardCalls)
			if err != nil {
				t.Fatal(err)
			}
			m.tally(got[:1], 0, c)
			m.tally(got[1:], 1, c)
			if !slices.Equal(got, want) {
				t.Fatalf("%d samples, genotype %d: other tallies than one by one", samples, only)
			}
		}
	}
}

// addScaled adds x times every key, modulo P.
func addScaled(m he.CheckModulus, sum, key [he.Masks]uint64, x int32) [he.Masks]uint64 {
	for r := range sum {
		sum[r] = m.Add(sum[r], m.Mul(key[r], int64(x)))
	}
	return sum
}

// TestDosageTally compares with summing genotype by genotype, also for the largest keys.
func TestDosageTally(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, samples := range []int{1, 7, 999} {
		params, err := format.Plan(samples, format.Dosages)
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
		for i := range key {
			if i%2 == 0 {
				key[i] = [he.Masks]uint64{modulus.P - 1, 0, modulus.P - 1, 1}
			}
		}
		const rows = 5
		m := &dosages{samples: samples}
		want, got := make([]private.Tally, rows), make([]private.Tally, rows)
		for j := range want {
			for i := range samples {
				d := []uint16{0, 2000, genomics.MissingDosage, uint16(r.UintN(2001))}[r.UintN(4)]
				if j < 2 {
					d = uint16(2000 * j)
				}
				m.rows = append(m.rows, d)
				if d == genomics.MissingDosage {
					want[j].Counts[3]++
				} else {
					want[j].Counts[0]++
					want[j].Counts[1] += int(d)
				}
				for n, plane := range format.Dosages.Planes() {
					want[j].Check[n] = addScaled(modulus, want[j].Check[n], key[i], dosageValue(plane, d))
				}
			}
		}
		c, err := newCheck(modulus, key, format.Dosages)
		if err != nil {
			t.Fatal(err)
		}
		m.tally(got, 0, c)
		if !slices.Equal(got, want) {
			t.Fatalf("%d samples: %+v, want %+v", samples, got, want)
		}
	}
}

// TestCheckSumsFit refuses sums of κ that could pass 64 bits.
func TestCheckSumsFit(t *testing.T) {
	large := he.CheckModulus{P: 1 << 62, Digits: 5}
	if _, err := newCheck(large, make(he.MaskKey, 3), format.HardCalls); err != nil {
		t.Error(err)
	}
	if _, err := newCheck(large, make(he.MaskKey, 4), format.HardCalls); err == nil {
		t.Error("sums of four κ below 2^62 were called safe")
	}
	if _, err := newCheck(large, make(he.MaskKey, 4), format.Dosages); err != nil {
		t.Error(err)
	}
}

func BenchmarkHardCallTally(b *testing.B) {
	const samples = 10_000
	const rows = tallyRows
	m := &hardCalls{samples: samples, rows: make([]byte, rows*genomics.RowLen(samples))}
	r := rand.New(rand.NewPCG(3, 4))
	for i := range m.rows {
		m.rows[i] = byte(r.Uint32())
	}
	modulus := he.CheckModulus{P: 549000000001, Digits: 3}
	key, err := modulus.NewKey(samples)
	if err != nil {
		b.Fatal(err)
	}
	c, err := newCheck(modulus, key, format.HardCalls)
	if err != nil {
		b.Fatal(err)
	}
	tallies := make([]private.Tally, rows)
	for b.Loop() {
		m.tally(tallies, 0, c)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/samples/rows, "ns/genotype")
}
