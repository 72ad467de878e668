package pipeline_test

import (
	"runtime"
	"testing"

	"genoveil/pipeline/format"
)

// TestEvaluatedListsNothing counts what a query from elsewhere claims: other columns in
// every block, which would take 160 MB as lists.
func TestEvaluatedListsNothing(t *testing.T) {
	const blocks, columns = 1000, 20_000
	all := make([]int, columns)
	for i := range all {
		all[i] = i
	}
	traits := &format.Traits{TraitsMeta: format.TraitsMeta{Sections: []format.Section{{From: 0, To: blocks, Planes: map[format.Plane][]int{format.Dosage: all}}}}}
	for b := range blocks {
		traits.Sections = append(traits.Sections, format.Section{From: b, To: b + 1, Planes: map[format.Plane][]int{format.Dosage: {b}}})
	}
	cohort := &format.Cohort{Manifest: format.Manifest{Blocks: make([]format.Block, blocks)}}
	for b := range cohort.Blocks {
		cohort.Blocks[b].Planes = []format.Plane{format.Dosage, format.Missing}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	planes, sums := format.Evaluated(cohort, traits)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; planes != 1 || sums != columns || used > 20<<20 {
		t.Errorf("%g planes and %g sums a block with %d bytes", planes, sums, used)
	}
}
