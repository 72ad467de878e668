package report

import "image/color"

// margin is left free around a figure, in points, because the last tick's label
// and round ends of dots reach over the axes.
const margin = 6

// Sizes of text, in points.
const (
	labelSize = 9 // of an axis's label
	noteSize  = 8 // of ticks and of text inside the axes
)

// A colour is a colour of a figure file, and the page's variable for its own.
type colour struct {
	name string
	rgb  color.RGBA
}

var (
	paper    = colour{"paper", color.RGBA{R: 255, G: 255, B: 255, A: 255}}
	ink      = colour{"ink", color.RGBA{R: 34, G: 34, B: 34, A: 255}}
	muted    = colour{"muted", color.RGBA{R: 119, G: 119, B: 119, A: 255}}
	band     = colour{"band", color.RGBA{R: 221, G: 227, B: 234, A: 255}}
	oddDots  = colour{"odd", color.RGBA{R: 31, G: 78, B: 121, A: 255}}
	evenDots = colour{"even", color.RGBA{R: 111, G: 157, B: 199, A: 255}}
	hitDots  = colour{"hit", color.RGBA{R: 197, G: 66, B: 43, A: 255}}
)

// A Figure is a finished plot. Lengths are in points; the origin is the lower
// left corner.
type Figure struct {
	width, height float64
	x, y          axis
	area          rectangle // inside the axes
	shapes        []colouredShape
}

type colouredShape struct {
	colour colour
	shape
}

type point struct{ x, y float64 }

type rectangle struct{ min, max point }

func (f *Figure) add(c colour, s shape) { f.shapes = append(f.shapes, colouredShape{c, s}) }

// tickGap is between a tick and its label, in points.
const tickGap = 1.5

// labelHeight is what an axis's label takes.
const labelHeight = lineHeight * labelSize

// besideAxis is what the paper has to the left of the area inside the axes,
// besides the labels of ticks.
const besideAxis = margin + labelHeight + 3 + tickGap + tickLength

// drawAxes draws the paper and the axes, and sets the area inside them.
func (f *Figure) drawAxes() {
	below := ascent * f.x.size // the height of the ticks' labels
	if f.x.upright {
		below = f.x.widest()
	}
	f.area = rectangle{
		point{f.width - margin - f.innerWidth(), margin + labelHeight + 2 + below + tickGap + tickLength},
		point{f.width - margin, f.height - margin},
	}
	f.add(paper, polygons{{{0, 0}, {f.width, 0}, {f.width, f.height}, {0, f.height}}})
	corner := f.area.min
	f.add(muted, line{from: corner, to: point{f.area.max.x, corner.y}, width: 0.5})
	f.add(muted, line{from: corner, to: point{corner.x, f.area.max.y}, width: 0.5})
	for _, t := range f.x.ticks {
		at := point{f.toX(t.value), corner.y - tickLength}
		f.add(muted, line{from: at, to: point{at.x, corner.y}, width: 0.5})
		name := caption{at: point{at.x, at.y - tickGap - 2*middle*f.x.size}, size: f.x.size, align: centre, text: t.label}
		if f.x.upright {
			name.at, name.align, name.upright = point{at.x + middle*f.x.size, at.y - tickGap}, right, true
		}
		f.add(ink, name)
	}
	for _, t := range f.y.ticks {
		at := point{corner.x - tickLength, f.toY(t.value)}
		f.add(muted, line{from: at, to: point{corner.x, at.y}, width: 0.5})
		f.add(ink, caption{at: point{at.x - tickGap, at.y - middle*f.y.size}, size: f.y.size, align: right, text: t.label})
	}
	f.add(ink, caption{at: point{(corner.x + f.area.max.x) / 2, margin + descent*labelSize}, size: labelSize, align: centre, text: f.x.label})
	f.add(ink, caption{at: point{margin + ascent*labelSize, (corner.y + f.area.max.y) / 2}, size: labelSize, align: centre, text: f.y.label, upright: true})
}

// innerWidth is the width of the area inside the axes, once the vertical axis is
// known.
func (f *Figure) innerWidth() float64 {
	return f.width - besideAxis - f.y.widest() - margin
}

func (f *Figure) toX(v float64) float64 {
	return f.area.min.x + (v-f.x.min)/(f.x.max-f.x.min)*(f.area.max.x-f.area.min.x)
}

func (f *Figure) toY(v float64) float64 {
	return f.area.min.y + (v-f.y.min)/(f.y.max-f.y.min)*(f.area.max.y-f.area.min.y)
}

// note adds text inside the axes, of which at is the start, the middle or the
// end of the base line.
func (f *Figure) note(c colour, at point, align alignment, s string) {
	f.add(c, caption{at: at, size: noteSize, align: align, text: s})
}

// sayEmpty says in the middle of the figure that there is nothing to draw.
func (f *Figure) sayEmpty() {
	a := f.area
	f.note(ink, point{(a.min.x + a.max.x) / 2, (a.min.y+a.max.y)/2 - middle*noteSize}, centre, "no variant has a p-value")
}
