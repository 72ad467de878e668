package pipeline

import (
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

// columnsOf is the union of what the sections evaluate against a block's plane,
// ascending.
func columnsOf(sections []Section, block int, plane Plane) []int {
	var columns []int
	for _, s := range sections {
		if s.From <= block && block < s.To {
			columns = append(columns, s.Planes[plane]...)
		}
	}
	return union(columns)
}

// union sorts and removes duplicates.
func union(a []int) []int {
	slices.Sort(a)
	return slices.Compact(a)
}

func equalSections(a, b []Section) bool {
	return slices.EqualFunc(a, b, func(x, y Section) bool {
		return x.From == y.From && x.To == y.To && maps.EqualFunc(x.Planes, y.Planes, slices.Equal)
	})
}

func equalBlocks(a, b []Block) bool {
	return slices.EqualFunc(a, b, func(x, y Block) bool { return slices.Equal(x.Planes, y.Planes) })
}
