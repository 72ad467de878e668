package hetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"genoveil/he"
)

// An EngineShape is a ring and chain to compare engines in.
type EngineShape struct{ LogN, Sums, Dropped int }

// NewEngine makes an engine for keys.
type NewEngine func(*he.EvaluationKeys) (he.Engine, error)

// EnginesAgree holds an engine against the reference: the same residues, bit for bit,
// for random and extreme ciphertexts, several chains, full and partial chunks anywhere
// in the packed columns.
func EnginesAgree(t *testing.T, shapes []EngineShape, slow, fast NewEngine) {
	for _, shape := range shapes {
		chain := Chain(shape.LogN, shape.Sums, shape.Dropped)
		_, keys := Keys(t, chain)
		slow, err := slow(keys)
		if err != nil {
			t.Fatal(err)
		}
		fast, err := fast(keys)
		if err != nil {
			t.Fatal(err)
		}
		N := chain.N()
		for i, part := range [][2]int{{0, 1}, {0, 64}, {N/2 - 3, N/2 + 2}, {N - 64, N}, {N - 1, N}} {
			if shape.LogN == 13 && i != 2 {
				continue // one part suffices at full size: the reference is slow
			}
			for _, extreme := range []bool{false, true} {
				t.Run(fmt.Sprintf("N=%d/primes=%d+%d/samples=%d-%d/extreme=%v", N, shape.Sums, shape.Dropped, part[0], part[1], extreme), func(t *testing.T) {
					r := rand.New(rand.NewPCG(uint64(i), 1))
					columns := []he.SeededCiphertext{Column(r, chain, extreme), Column(r, chain, false), Column(r, chain, extreme)}
					for len(columns) < 10 && N < 512 { // more than one slab of columns
						columns = append(columns, Column(r, chain, false))
					}
					chunk := EncryptedChunk(r, chain, part[1]-part[0], extreme)
					want := evaluate(t, slow, chain, columns, chunk, part)
					got := evaluate(t, fast, chain, columns, chunk, part)
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
func evaluate(t *testing.T, e he.Engine, chain he.Chain, columns []he.SeededCiphertext, encrypted he.EncryptedChunk, part [2]int) []he.Sum {
	t.Helper()
	chunk, once := checked(chain, encrypted)
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
	once(t, 2*len(products))
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

// EnginesContinueEachOther moves running sums from every engine to every one; the sums
// are those of one engine alone.
func EnginesContinueEachOther(t *testing.T, logN int, slow, fast NewEngine) {
	chain := Chain(logN, 3, 1)
	_, keys := Keys(t, chain)
	first, err := slow(keys)
	if err != nil {
		t.Fatal(err)
	}
	second, err := fast(keys)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 1))
	packed := []he.SeededCiphertext{Column(r, chain, false), Column(r, chain, true), Column(r, chain, false)}
	chunk := Chunk(r, chain, 5, false)
	columns := []int{2, 0} // in an order of its own
	add := func(e he.Engine, a he.Accumulator) {
		t.Helper()
		constants, err := e.NewExpansion(packed).Expand(7, 12)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Add(constants, []he.Product{{Chunk: chunk, Accumulator: a}}); err != nil {
			t.Fatal(err)
		}
	}
	alone := first.NewAccumulator(columns)
	add(first, alone)
	add(first, alone)
	want, err := alone.Sums()
	if err != nil {
		t.Fatal(err)
	}
	for _, engines := range [][2]he.Engine{{first, second}, {second, first}, {second, second}} {
		before, after := engines[0].NewAccumulator(columns), engines[1].NewAccumulator(columns)
		add(engines[0], before)
		for k := range columns {
			residues := make([]uint32, chain.SumLen(3))
			if err := before.Save(k, residues); err != nil {
				t.Fatal(err)
			}
			if err := after.Restore(k, residues); err != nil {
				t.Fatal(err)
			}
			residues[len(residues)-1] = chain.Sums[len(chain.Sums)-1]
			if after.Restore(k, residues) == nil {
				t.Error("restored a residue that is not reduced")
			}
			if after.Restore(k, residues[1:]) == nil {
				t.Error("restored too few residues")
			}
		}
		add(engines[1], after)
		got, err := after.Sums()
		if err != nil {
			t.Fatal(err)
		}
		for k := range want {
			if !slices.Equal(got[k].Residues, want[k].Residues) {
				t.Errorf("column %d differs after %T to %T", k, engines[0], engines[1])
			}
		}
	}
}
