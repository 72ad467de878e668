package report

import "slices"

// A labeller writes names beside dots, where they cover neither each other nor
// a dot.
type labeller struct {
	figure *Figure
	dots   []point
	taken  []rectangle
}

// add writes name near the dot at p, or not at all where there is no room.
func (l *labeller) add(p point, name string) {
	name = printable(name, 22)
	w, h := textWidth(name, noteSize), lineHeight*noteSize
	const off = 2 * dotRadius
	const space = 3 // between two names in one line
	for _, corner := range []point{
		{p.x - w/2, p.y + off},
		{p.x + off, p.y - h/2},
		{p.x - off - w, p.y - h/2},
		{p.x + off, p.y + h/2},
		{p.x - off - w, p.y + h/2},
		{p.x + off, p.y - 3*h/2},
		{p.x - off - w, p.y - 3*h/2},
	} {
		box := rectangle{corner, point{corner.x + w, corner.y + h}}
		if l.free(box) {
			l.figure.note(ink, point{corner.x, corner.y + descent*noteSize}, left, name)
			l.taken = append(l.taken, rectangle{point{box.min.x - space, box.min.y}, point{box.max.x + space, box.max.y}})
			return
		}
	}
}

func (l *labeller) free(box rectangle) bool {
	in := l.figure.area
	if box.min.x < in.min.x || box.min.y < in.min.y || box.max.x > in.max.x || box.max.y > in.max.y {
		return false
	}
	return !slices.ContainsFunc(l.taken, func(other rectangle) bool { return overlap(box, other) }) &&
		!slices.ContainsFunc(l.dots, func(dot point) bool {
			return overlap(box, rectangle{
				point{dot.x - dotRadius, dot.y - dotRadius},
				point{dot.x + dotRadius, dot.y + dotRadius},
			})
		})
}

func overlap(a, b rectangle) bool {
	return a.min.x < b.max.x && b.min.x < a.max.x && a.min.y < b.max.y && b.min.y < a.max.y
}
