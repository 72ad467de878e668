package format

import (
	"cmp"
	"maps"
	"slices"
)

// A Section says which encrypted columns, by position, are evaluated against
// which planes of the blocks From … To−1. Sections may overlap.
type Section struct {
	From   int             `json:"from"`
	To     int             `json:"to"`
	Planes map[Plane][]int `json:"planes"`
}

// ColumnsOf is the union of what the sections evaluate against a block's plane,
// ascending.
func ColumnsOf(sections []Section, block int, plane Plane) []int {
	var columns []int
	for _, s := range sections {
		if s.From <= block && block < s.To {
			columns = append(columns, s.Planes[plane]...)
		}
	}
	return Union(columns)
}

// wantedColumns are the columns that some sections want of each plane, with the number
// of sections that want them.
type wantedColumns map[Plane]map[int]int

func (w wantedColumns) add(s Section) {
	for plane, columns := range s.Planes {
		if w[plane] == nil {
			w[plane] = map[int]int{}
		}
		for _, column := range columns {
			w[plane][column]++
		}
	}
}

func (w wantedColumns) remove(s Section) {
	for plane, columns := range s.Planes {
		for _, column := range columns {
			if w[plane][column]--; w[plane][column] == 0 {
				delete(w[plane], column)
			}
		}
	}
}

// sweep visits the blocks in order with the columns that are wanted there, until visit
// says false. changed is whether they are others than a block before. However sections
// overlap, it looks at each of them twice and at each block once.
func sweep(blocks []Block, sections []Section, visit func(block int, wanted wantedColumns, changed bool) bool) {
	starts := slices.Clone(sections)
	starts = slices.DeleteFunc(starts, func(s Section) bool { return s.From >= s.To })
	slices.SortStableFunc(starts, func(a, b Section) int { return cmp.Compare(a.From, b.From) })
	ends := slices.Clone(starts)
	slices.SortStableFunc(ends, func(a, b Section) int { return cmp.Compare(a.To, b.To) })
	wanted := wantedColumns{}
	for b := range blocks {
		changed := b == 0
		for ; len(starts) > 0 && starts[0].From <= b; starts = starts[1:] {
			wanted.add(starts[0])
			changed = true
		}
		for ; len(ends) > 0 && ends[0].To <= b; ends = ends[1:] {
			wanted.remove(ends[0])
			changed = true
		}
		if !visit(b, wanted, changed) {
			return
		}
	}
}

// lanesOf lists the blocks and planes that columns are evaluated against. Neighbours
// share their columns.
func lanesOf(blocks []Block, sections []Section) []Lane {
	var lanes []Lane
	sorted := map[Plane][]int{}
	sweep(blocks, sections, func(b int, wanted wantedColumns, changed bool) bool {
		if changed {
			clear(sorted)
		}
		for _, plane := range blocks[b].Planes {
			if len(wanted[plane]) == 0 {
				continue
			}
			if sorted[plane] == nil {
				sorted[plane] = slices.Sorted(maps.Keys(wanted[plane]))
			}
			lanes = append(lanes, Lane{b, plane, sorted[plane]})
		}
		return true
	})
	return lanes
}

// countColumns counts the columns of all lanes, and stops once they are more than limit.
func countColumns(blocks []Block, sections []Section, limit int) int {
	count := 0
	sweep(blocks, sections, func(b int, wanted wantedColumns, _ bool) bool {
		for _, plane := range blocks[b].Planes {
			count += len(wanted[plane])
		}
		return count <= limit
	})
	return count
}

// validSections checks sections from a file, of so many blocks: planes that there are, with
// numbers below `columns`, each once and ascending.
func validSections(sections []Section, blocks, columns int) bool {
	for _, s := range sections {
		if s.From < 0 || s.From >= s.To || s.To > blocks {
			return false
		}
		for plane, positions := range s.Planes {
			if !slices.Contains(allPlanes, plane) {
				return false
			}
			for i, k := range positions {
				if k < 0 || k >= columns || i > 0 && k <= positions[i-1] {
					return false
				}
			}
		}
	}
	return true
}

// ValidBlocks checks blocks from a file: planes that there are, each once, and at least one.
func ValidBlocks(blocks []Block) bool {
	for _, b := range blocks {
		if len(b.Planes) == 0 || len(b.Planes) > len(allPlanes) {
			return false
		}
		for i, plane := range b.Planes {
			if !slices.Contains(allPlanes, plane) || slices.Contains(b.Planes[:i], plane) {
				return false
			}
		}
	}
	return true
}

// Union sorts and removes duplicates.
func Union(a []int) []int {
	slices.Sort(a)
	return slices.Compact(a)
}

func EqualSections(a, b []Section) bool {
	return slices.EqualFunc(a, b, func(x, y Section) bool {
		return x.From == y.From && x.To == y.To && maps.EqualFunc(x.Planes, y.Planes, slices.Equal)
	})
}

func EqualBlocks(a, b []Block) bool {
	return slices.EqualFunc(a, b, func(x, y Block) bool { return slices.Equal(x.Planes, y.Planes) })
}
