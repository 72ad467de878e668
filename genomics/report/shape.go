package report

import "math"

// A shape is what a figure has in one colour. A figure file in SVG has it as an
// element; an image has its polygons filled, which the shape keeps.
type shape interface {
	svg(*svg)
	polygons() polygons
}

// polygons are filled outlines. Those that overlap turn the same way, but for
// the holes of glyphs.
type polygons [][]point

func (p polygons) polygons() polygons { return p }

// A line is straight. Where it is dashed, dashes and gaps are 3 points long.
type line struct {
	from, to point
	width    float64
	dashed   bool
}

const dash = 3

func (l line) polygons() polygons {
	length := math.Hypot(l.to.x-l.from.x, l.to.y-l.from.y)
	along := point{(l.to.x - l.from.x) / length, (l.to.y - l.from.y) / length}
	part := func(start, end float64) []point {
		at := func(u, v float64) point {
			return point{l.from.x + u*along.x - v*along.y, l.from.y + u*along.y + v*along.x}
		}
		half := l.width / 2
		return []point{at(start, -half), at(end, -half), at(end, half), at(start, half)}
	}
	if !l.dashed {
		return polygons{part(0, length)}
	}
	var parts polygons
	for start := 0.0; start < length; start += 2 * dash {
		parts = append(parts, part(start, min(start+dash, length)))
	}
	return parts
}

// bars are vertical lines with round ends, from the lower to the upper. A dot is
// a bar whose ends are the same.
type bars [][2]point

func (b bars) polygons() polygons {
	const corners = 16 // of a circle: its sides are 0.02 points off
	all := make(polygons, len(b))
	for i, bar := range b {
		outline := make([]point, 0, corners+2)
		for end, centre := range bar {
			for j := range corners/2 + 1 {
				sin, cos := math.Sincos(math.Pi * (1 + float64(end) + 2*float64(j)/corners))
				outline = append(outline, point{centre.x + dotRadius*cos, centre.y + dotRadius*sin})
			}
		}
		all[i] = outline
	}
	return all
}

type alignment string

// The alignments of text, as SVG calls them.
const (
	left   alignment = "start"
	centre alignment = "middle"
	right  alignment = "end"
)

// A caption is one line of text. Upright, it reads from below.
type caption struct {
	at      point // on the base line: its start, middle or end
	size    float64
	align   alignment
	text    string
	upright bool
}

func (c caption) polygons() polygons {
	u := 0.0
	switch c.align {
	case centre:
		u = -textWidth(c.text, c.size) / 2
	case right:
		u = -textWidth(c.text, c.size)
	}
	outlines := glyphs(c.text, c.size)
	for _, outline := range outlines {
		for i, p := range outline {
			if p.x += u; c.upright {
				p = point{-p.y, p.x}
			}
			outline[i] = point{c.at.x + p.x, c.at.y + p.y}
		}
	}
	return outlines
}
