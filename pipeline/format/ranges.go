package format

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Part is the samples From … To−1.
type Part struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// maxRanges bounds a list for people.
const maxRanges = 20

// Ranges are parts in order, without overlap: samples, or shards counted from 0.
type Ranges []Part

// Valid says whether a part has items, all of them among the first n.
func (p Part) Valid(n int) bool { return 0 <= p.From && p.From < p.To && p.To <= n }

// valid checks ranges of n items that come from a file.
func (r Ranges) valid(n int) bool {
	for i, p := range r {
		if !p.Valid(n) || i > 0 && p.From < r[i-1].To {
			return false
		}
	}
	return true
}

// JoinParts has the parts of all, in any order, those that touch or overlap joined.
func JoinParts(all ...Ranges) Ranges {
	parts := slices.Concat(all...)
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.From, b.From) })
	var r Ranges
	for _, p := range parts {
		r = r.then(p)
	}
	return r
}

// then adds a part that begins where the last one does, or after.
func (r Ranges) then(p Part) Ranges {
	if n := len(r); n > 0 && p.From <= r[n-1].To {
		r[n-1].To = max(r[n-1].To, p.To)
		return r
	}
	return append(r, p)
}

// Missing has those of n items that are not in it.
func (r Ranges) Missing(n int) Ranges {
	var missing Ranges
	next := 0
	for _, p := range r {
		if p.From > next {
			missing = append(missing, Part{next, p.From})
		}
		next = p.To
	}
	if next < n {
		missing = append(missing, Part{next, n})
	}
	return missing
}

// Count is the number of items.
func (r Ranges) Count() int {
	count := 0
	for _, p := range r {
		count += p.To - p.From
	}
	return count
}

// Overlap finds the first item that two of them have, a and b.
func Overlap(all []Ranges) (a, b, item int, found bool) {
	type owned struct {
		Part
		owner int
	}
	var parts []owned
	for i, r := range all {
		for _, p := range r {
			parts = append(parts, owned{Part: p, owner: i})
		}
	}
	slices.SortFunc(parts, func(x, y owned) int { return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.owner, y.owner)) })
	for i, p := range parts {
		if i > 0 && p.From < parts[i-1].To {
			return parts[i-1].owner, p.owner, p.From, true
		}
	}
	return 0, 0, 0, false
}

// units lists the runs of n items (0 … n−1 is number 0) that it touches.
func (r Ranges) units(n int) []int {
	var units []int
	next := 0
	for _, p := range r {
		for next = max(next, p.From/n); next*n < p.To; next++ {
			units = append(units, next)
		}
	}
	return units
}

// countUnits is the number of units: a header may claim more than memory holds.
func (r Ranges) countUnits(n int) int {
	count, next := 0, 0
	for _, p := range r {
		first, end := max(next, p.From/n), (p.To-1)/n+1
		count += end - first
		next = end
	}
	return count
}

// String lists the parts for people, who count from 1, and how many there are after the
// first twenty.
func (r Ranges) String() string {
	if len(r) == 0 {
		return "none"
	}
	var text []string
	for _, p := range r[:min(len(r), maxRanges)] {
		if p.To == p.From+1 {
			text = append(text, fmt.Sprint(p.To))
		} else {
			text = append(text, fmt.Sprintf("%d to %d", p.From+1, p.To))
		}
	}
	if more := len(r) - maxRanges; more > 0 {
		text = append(text, fmt.Sprintf("… (%d more)", more))
	}
	return strings.Join(text, ", ")
}
