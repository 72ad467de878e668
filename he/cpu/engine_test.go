package cpu_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
	"genoveil/he/cpu"
	"genoveil/he/hetest"
	"genoveil/he/reference"
)

// TestEnginesAgree holds every engine against the reference: the same residues,
// bit for bit, for random and extreme ciphertexts, several chains, full and
// partial chunks anywhere in the packed columns.
func TestEnginesAgree(t *testing.T) {
	for _, shape := range []struct{ logN, sums, dropped int }{{6, 2, 1}, {7, 3, 1}, {8, 1, 1}, {9, 4, 2}, {10, 2, 1}, {13, 3, 1}} {
		chain := hetest.Chain(shape.logN, shape.sums, shape.dropped)
		_, keys := hetest.Keys(t, chain)
		slow, err := reference.New(keys)
		if err != nil {
			t.Fatal(err)
		}
		fast, err := cpu.New(keys, 2)
		if err != nil {
			t.Fatal(err)
		}
		N := chain.N()
		for i, part := range [][2]int{{0, 1}, {0, 64}, {N/2 - 3, N/2 + 2}, {N - 64, N}, {N - 1, N}} {
			if shape.logN == 13 && i != 2 {
				continue // one part suffices at full size: the reference is slow
			}
			for _, extreme := range []bool{false, true} {
				t.Run(fmt.Sprintf("N=%d/primes=%d+%d/samples=%d-%d/extreme=%v", N, shape.sums, shape.dropped, part[0], part[1], extreme), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(i), 1))
					columns := []he.PackedColumn{hetest.Column(r, chain, extreme), hetest.Column(r, chain, false), hetest.Column(r, chain, extreme)}
					for len(columns) < 10 && N < 512 { // more than one slab of columns
						columns = append(columns, hetest.Column(r, chain, false))
					}
					chunk := hetest.Chunk(r, chain, part[1]-part[0], extreme)
					want := evaluate(t, slow, columns, chunk, part)
					got := evaluate(t, fast, columns, chunk, part)
					for k := range want {
						if want[k].Components != got[k].Components || !slices.Equal(want[k].Residues, got[k].Residues) {
							t.Fatalf("column %d differs from the reference", k)
						}
					}
				})
			}
		}
	}
}

// evaluate adds the chunk twice, so that sums continue from non-zero values, to more
// accumulators than are multiplied at a time, and uses the columns in an order of
// its own.
func evaluate(t *testing.T, e he.Engine, columns []he.PackedColumn, chunk he.Chunk, part [2]int) []he.Sum {
	t.Helper()
	constants, err := e.NewExpansion(columns).Expand(part[0], part[1])
	if err != nil {
		t.Fatal(err)
	}
	first, second := e.NewAccumulator([]int{len(columns) - 1, 0}), e.NewAccumulator([]int{1})
	products := []he.Product{{Chunk: chunk, Accumulator: first}}
	if len(columns) > 3 {
		for range 16 {
			products = append(products, he.Product{Chunk: chunk, Accumulator: e.NewAccumulator([]int{0, 2})})
		}
	}
	products = append(products, he.Product{Chunk: chunk, Accumulator: second})
	for range 2 {
		if err := e.Add(constants, products); err != nil {
			t.Fatal(err)
		}
	}
	var sums []he.Sum
	for _, a := range []he.Accumulator{first, second} {
		more, err := a.Sums()
		if err != nil {
			t.Fatal(err)
		}
		sums = append(sums, more...)
	}
	return sums
}
