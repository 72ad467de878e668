package site

import (
	"math"
	"slices"

	"genoveil/he"
	"genoveil/pipeline/format"
)

// A group is what is evaluated in one pass over the samples: lanes, and the
// columns (positions) that they need.
type group struct {
	columns []int
	lanes   []format.Lane
}

// lanesAtATime is the number of lanes whose chunks are multiplied together: an
// eighth of the memory holds those and as many that are being read. Constants come
// from memory once for all of them (docs/performance.md).
func (r *RunJob) lanesAtATime(memory int64) int {
	chunk := 4 * int64(r.Cohort.Params.Chain().ChunkLen(he.ChunkSamples))
	return int(min(max(1, memory/8/(2*chunk)), 16))
}

// groups cuts the work so that constants take half the memory and accumulators
// three eighths: columns into slabs, and for each slab the lanes into runs. A slab
// has at least one column and a run at least one lane.
func (r *RunJob) groups(lanes []format.Lane, memory int64) []group {
	chain := r.Cohort.Params.Chain()
	// Constants of one chunk are in use while those of the next are made; an
	// expansion keeps about a dozen nodes of each column's tree.
	node := 2 * 4 * int64(len(chain.ColumnPrimes())+1) * int64(chain.N())
	constant := 2*he.ChunkSamples*4*int64(chain.SumLen(2)) + 12*node
	accumulator := 4 * int64(chain.SumLen(3))
	var all []int
	for _, l := range lanes {
		all = append(all, l.Columns...)
	}
	var groups []group
	for slab := range slices.Chunk(format.Union(all), int(max(1, min(memory/2/constant, math.MaxInt32)))) {
		left := int64(-1)
		for _, l := range lanes {
			columns := intersection(l.Columns, slab)
			if len(columns) == 0 {
				continue
			}
			if size := int64(len(columns)) * accumulator; left < size {
				groups = append(groups, group{})
				left = max(memory/8*3, size)
			}
			g := &groups[len(groups)-1]
			g.lanes = append(g.lanes, format.Lane{Block: l.Block, Plane: l.Plane, Columns: columns})
			g.columns = format.Union(append(g.columns, columns...))
			left -= int64(len(columns)) * accumulator
		}
	}
	return groups
}

// intersection keeps what is in the ascending slab.
func intersection(a, slab []int) []int {
	var both []int
	for _, x := range a {
		if _, ok := slices.BinarySearch(slab, x); ok {
			both = append(both, x)
		}
	}
	return both
}
