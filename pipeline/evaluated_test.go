package pipeline

import (
	"runtime"
	"testing"
)

// TestEvaluatedListsNothing counts what a query from elsewhere claims: other columns in
// every block, which would take 160 MB as lists.
func TestEvaluatedListsNothing(t *testing.T) {
	const blocks, columns = 1000, 20_000
	all := make([]int, columns)
	for i := range all {
		all[i] = i
	}
	traits := &Traits{TraitsMeta: TraitsMeta{Sections: []Section{{0, blocks, map[Plane][]int{Dosage: all}}}}}
	for b := range blocks {
		traits.Sections = append(traits.Sections, Section{b, b + 1, map[Plane][]int{Dosage: {b}}})
	}
	cohort := &Cohort{Manifest: Manifest{Blocks: make([]Block, blocks)}}
	for b := range cohort.Blocks {
		cohort.Blocks[b].Planes = []Plane{Dosage, Missing}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	planes, sums := Evaluated(cohort, traits)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; planes != 1 || sums != columns || used > 20<<20 {
		t.Errorf("%g planes and %g sums a block with %d bytes", planes, sums, used)
	}
}
