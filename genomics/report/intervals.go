package report

import "math"

// An Interval is a value with its range. Where Low or High is NaN it has none, and where
// Value is NaN there is nothing to draw.
type Interval struct{ Value, Low, High float64 }

// PlusMinus is a value with its standard error on either side.
func PlusMinus(value, se float64) Interval { return Interval{value, value - se, value + se} }

// Only is a value without a range.
func Only(value float64) Interval { return Interval{value, math.NaN(), math.NaN()} }

// Intervals has the values of several tables or sites, one below the other.
type Intervals struct {
	Axis string // what the values are

	// Reference is where values should be, drawn as a dashed line. NaN is none.
	Reference float64

	// Min and Max bound the axis. A value beyond them is an arrow at its end, so that one
	// wrong number does not hide what the others are. The axis has a tenth of this range at
	// the least, so that what is alike looks alike.
	Min, Max float64

	Series []string // what the values of a row are, where a row has several; four at most
	Rows   []IntervalRow
}

// An IntervalRow has one value of each series.
type IntervalRow struct {
	Name   string
	Values []Interval
}

// Figure draws the rows from above in their order, at a height that leaves each legible.
// Where no value is known, or the axis has no room, the figure has no shapes.
func (p *Intervals) Figure() Figure {
	series := 1
	var names []string
	for _, r := range p.Rows {
		names = append(names, r.Name)
		series = max(series, len(r.Values))
	}
	series = min(series, len(seriesMarks))
	low, high, known := p.span()
	if !known {
		return Figure{}
	}
	pad := 0.04 * (high - low)
	x := axis{min: low - pad, max: high + pad, label: p.Axis, ticks: roundTicks(low, high, 1, 5)}
	const apart = 4 // series of a row, in points
	l := newLanes(x, 9+apart*float64(series), names, p.Series[:min(len(p.Series), series)], seriesMarks)
	for i := range p.Rows {
		y := l.middleOf(i)
		l.add(band, line{from: point{l.area.min.x, y}, to: point{l.area.max.x, y}, width: 0.5})
	}
	if r := p.Reference; r >= low && r <= high {
		x := l.toX(r)
		l.add(muted, line{from: point{x, l.area.min.y}, to: point{x, l.toY(float64(l.n))}, width: 0.6, dashed: true})
	}
	for i, r := range p.Rows {
		drawn := false
		for s, v := range r.Values[:min(len(r.Values), series)] {
			y := l.middleOf(i) + apart*(float64(series-1)/2-float64(s))
			drawn = l.draw(v, seriesMarks[s], y, low, high) || drawn
		}
		if !drawn {
			l.sayUnknown(i)
		}
	}
	return l.Figure
}

// draw draws a value at a height, as far as it is between low and high.
func (l *lanes) draw(v Interval, m mark, y, low, high float64) bool {
	if math.IsNaN(v.Value) {
		return false
	}
	at := point{l.toX(min(max(v.Value, low), high)), y}
	if from, to := max(v.Low, low), min(v.High, high); from < to {
		l.add(m.colour, line{from: point{l.toX(from), y}, to: point{l.toX(to), y}, width: 1})
	}
	switch {
	case v.Value < low:
		l.add(m.colour, polygons{regular(at, 3, math.Pi, 1.6*markRadius)})
	case v.Value > high:
		l.add(m.colour, polygons{regular(at, 3, 0, 1.6*markRadius)})
	default:
		l.add(m.colour, polygons{m.outline(at)})
	}
	return true
}

// span is what the axis has: all values and ranges, and the reference, as far as they are
// between Min and Max.
func (p *Intervals) span() (low, high float64, known bool) {
	low, high = math.Inf(1), math.Inf(-1)
	take := func(v float64) {
		if !math.IsNaN(v) {
			v = min(max(v, p.Min), p.Max)
			low, high = min(low, v), max(high, v)
		}
	}
	for _, r := range p.Rows {
		for _, v := range r.Values[:min(len(r.Values), len(seriesMarks))] {
			if !math.IsNaN(v.Value) {
				known = true
				take(v.Value)
				take(v.Low)
				take(v.High)
			}
		}
	}
	take(p.Reference)
	if least := (p.Max - p.Min) / 10; known && high-low < least {
		low = min(max((low+high-least)/2, p.Min), p.Max-least)
		high = low + least
	}
	return low, high, known && high > low
}
