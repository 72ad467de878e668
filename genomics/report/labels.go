package report

import (
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A labeller writes names beside dots, where they cover neither each other nor
// a dot.
type labeller struct {
	canvas draw.Canvas
	style  text.Style // aligned to the left and the bottom
	dots   []vg.Point
	taken  []vg.Rectangle
}

// add writes name near the dot at p, or not at all where there is no room.
func (l *labeller) add(p vg.Point, name string) {
	name = printable(name, 22)
	w, h := l.style.Width(name), l.style.Height(name)
	const off = 2 * dotRadius
	space := vg.Point{X: 3, Y: 0} // between two names in one line
	for _, corner := range []vg.Point{
		{X: p.X - w/2, Y: p.Y + off},
		{X: p.X + off, Y: p.Y - h/2},
		{X: p.X - off - w, Y: p.Y - h/2},
		{X: p.X + off, Y: p.Y + h/2},
		{X: p.X - off - w, Y: p.Y + h/2},
		{X: p.X + off, Y: p.Y - 3*h/2},
		{X: p.X - off - w, Y: p.Y - 3*h/2},
	} {
		box := vg.Rectangle{Min: corner, Max: corner.Add(vg.Point{X: w, Y: h})}
		if l.free(box) {
			l.canvas.FillText(l.style, corner, name)
			l.taken = append(l.taken, vg.Rectangle{Min: box.Min.Sub(space), Max: box.Max.Add(space)})
			return
		}
	}
}

func (l *labeller) free(box vg.Rectangle) bool {
	in := l.canvas.Rectangle
	if box.Min.X < in.Min.X || box.Min.Y < in.Min.Y || box.Max.X > in.Max.X || box.Max.Y > in.Max.Y {
		return false
	}
	return !slices.ContainsFunc(l.taken, func(other vg.Rectangle) bool { return overlap(box, other) }) &&
		!slices.ContainsFunc(l.dots, func(dot vg.Point) bool {
			r := vg.Point{X: dotRadius, Y: dotRadius}
			return overlap(box, vg.Rectangle{Min: dot.Sub(r), Max: dot.Add(r)})
		})
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}
