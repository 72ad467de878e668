package report

import "math"

// Shares has what shares of each of several tables are in some classes, as bars one below
// the other.
type Shares struct {
	Axis    string   // what the shares are of
	Classes []string // four at most
	Rows    []ShareRow
}

// A ShareRow has one share of each class, which together are 1.
type ShareRow struct {
	Name   string
	Shares []float64
}

// shareMarks are those of classes, in their order.
var shareMarks = func() (marks []mark) {
	for _, c := range []colour{evenDots, oddDots, muted, hitDots} {
		marks = append(marks, mark{c, func(at point) []point { return regular(at, 4, math.Pi/4, 1.6*markRadius) }})
	}
	return marks
}()

// Figure draws the rows from above in their order. A row of which a share is not known has
// no bar; where all are so the figure has no shapes.
func (p *Shares) Figure() Figure {
	var names []string
	known := false
	for _, r := range p.Rows {
		names = append(names, r.Name)
		known = known || r.known()
	}
	if !known {
		return Figure{}
	}
	x := axis{max: 1.06, label: p.Axis, ticks: []tick{{0, "0"}, {0.25, "25 %"}, {0.5, "50 %"}, {0.75, "75 %"}, {1, "100 %"}}}
	l := newLanes(x, 13, names, p.Classes[:min(len(p.Classes), len(shareMarks))], shareMarks)
	for i, r := range p.Rows {
		if !r.known() {
			l.sayUnknown(i)
			continue
		}
		const half = 4 // of a bar
		y, from := l.middleOf(i), 0.0
		for c, share := range r.Shares[:min(len(r.Shares), len(shareMarks))] {
			to := min(from+max(share, 0), 1)
			if a, b := l.toX(from), l.toX(to); to > from {
				l.add(shareMarks[c].colour, polygons{{{a, y - half}, {b, y - half}, {b, y + half}, {a, y + half}}})
			}
			from = to
		}
	}
	return l.Figure
}

func (r *ShareRow) known() bool {
	for _, share := range r.Shares {
		if math.IsNaN(share) {
			return false
		}
	}
	return len(r.Shares) > 0
}
