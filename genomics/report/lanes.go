package report

import "math"

// Lengths of a figure with a row for each of some names, in points.
const (
	lanesWidth    = 300
	laneNameChars = 26
	laneNameWidth = 110
)

// lanes is a figure with rows, whose names are beside the vertical axis, and with names of
// colours above them.
type lanes struct {
	Figure
	row float64 // height of a row
	n   int
}

// A mark is how a series is drawn: a colour and a shape, so that they can be told apart
// without colours.
type mark struct {
	colour
	outline func(at point) []point
}

// newLanes draws the axes, the names of rows and those of the series. The horizontal axis
// is given without its size.
func newLanes(x axis, row float64, names, series []string, marks []mark) *lanes {
	l := &lanes{row: row, n: len(names)}
	f := &l.Figure
	f.width = lanesWidth
	f.x = x
	f.x.size = noteSize
	f.x.label = printable(x.label, nameChars)
	f.y.size = noteSize
	for i, name := range names {
		f.y.ticks = append(f.y.ticks, tick{float64(len(names)-i) - 0.5, fitting(name, laneNameChars, laneNameWidth)})
	}
	legend, lines := legendOf(series, f.innerWidth())
	above := float64(lines) * legendLine
	if lines > 0 {
		above += legendGap
	}
	f.height = 2*margin + labelHeight + 2 + ascent*noteSize + tickGap + tickLength + row*float64(l.n) + above
	f.y.max = float64(l.n) + above/row
	f.drawAxes()
	for i, e := range legend {
		at := point{f.area.min.x + e.at.x, f.area.max.y - e.at.y}
		f.add(marks[i].colour, polygons{marks[i].outline(point{at.x + legendMark/2, at.y + middle*noteSize})})
		f.note(ink, point{at.x + legendMark, at.y}, left, e.name)
	}
	return l
}

const (
	legendLine = 12
	legendMark = 9 // what a mark takes before its name
	legendGap  = 7
)

// A legendEntry is the name of a series, and where it begins from the upper left corner.
type legendEntry struct {
	name string
	at   point
}

// legendOf places the names of series in lines of the given width. One series has no name.
func legendOf(series []string, width float64) (all []legendEntry, lines int) {
	if len(series) < 2 {
		return nil, 0
	}
	x := float64(legendGap)
	lines = 1
	for _, name := range series {
		name = fitting(name, nameChars, width-legendGap-legendMark)
		w := legendMark + textWidth(name, noteSize)
		if x+w > width && x > legendGap {
			x = legendGap
			lines++
		}
		all = append(all, legendEntry{name, point{x, float64(lines) * legendLine}})
		x += w + legendGap
	}
	return all, lines
}

// fitting returns text with at most n characters, and as many fewer as it takes to have the
// given width.
func fitting(text string, n int, width float64) string {
	short := printable(text, n)
	for ; textWidth(short, noteSize) > width && n > 3; n-- {
		short = printable(text, n)
	}
	return short
}

// middleOf is the height of the middle of row i, counted from above.
func (l *lanes) middleOf(i int) float64 { return l.toY(float64(l.n-i) - 0.5) }

// sayUnknown says that row i has no value.
func (l *lanes) sayUnknown(i int) {
	l.note(muted, point{l.area.min.x + 4, l.middleOf(i) - middle*noteSize}, left, "NA")
}

// markRadius is in points.
const markRadius = 2.4

// seriesMarks are those of series, in their order.
var seriesMarks = []mark{
	{oddDots, func(at point) []point { return regular(at, 16, 0, markRadius) }},
	{hitDots, func(at point) []point { return regular(at, 4, math.Pi/4, 1.25*markRadius) }},
	{evenDots, func(at point) []point { return regular(at, 3, math.Pi/2, 1.4*markRadius) }},
	{muted, func(at point) []point { return regular(at, 4, 0, 1.4*markRadius) }},
}

// regular returns a regular polygon, with one of its n corners in a direction.
func regular(at point, n int, direction, radius float64) []point {
	outline := make([]point, n)
	for i := range outline {
		sin, cos := math.Sincos(direction + 2*math.Pi*float64(i)/float64(n))
		outline[i] = point{at.x + radius*cos, at.y + radius*sin}
	}
	return outline
}
