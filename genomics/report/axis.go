package report

import (
	"math"
	"slices"
	"strconv"
)

// tickLength is in points.
const tickLength = 3

// An axis is a range of values with names on it.
type axis struct {
	min, max float64
	label    string
	ticks    []tick
	size     float64 // of the ticks' labels, in points
	upright  bool    // whether these are
}

type tick struct {
	value float64
	label string
}

// widest returns the width of the widest label of a tick.
func (a *axis) widest() float64 {
	widest := 0.0
	for _, t := range a.ticks {
		widest = max(widest, textWidth(t.label, a.size))
	}
	return widest
}

// roundTicks returns at most n + 1 ticks from low to high whose distance is 1,
// 2 or 5 times a power of ten. Labels are in multiples of unit.
func roundTicks(low, high, unit float64, n int) []tick {
	if !(high > low) {
		return []tick{{low, label(low / unit)}}
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(n)/unit)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if step*factor*unit*float64(n) >= high-low {
			step *= factor
			break
		}
	}
	var ticks []tick
	for i := math.Ceil(low / unit / step); len(ticks) <= n && i*step*unit <= high; i++ {
		ticks = append(ticks, tick{i * step * unit, label(i * step)})
	}
	return ticks
}

// label prints a tick's value without the error of its multiplication.
func label(v float64) string { return strconv.FormatFloat(v, 'g', 9, 64) }

// highest returns the largest finite −log10 p, 0 where there is none.
func (s *Scan) highest() float64 {
	for _, logP := range slices.Backward(s.ranks()) {
		if !math.IsInf(float64(logP), 1) {
			return float64(logP)
		}
	}
	return 0
}

// logPAxis returns a vertical axis that ends a little above top, which is not
// below the largest finite −log10 p, and the height at which results are drawn
// whose p is given as 0. Where there are any, the axis names it ∞.
func (s *Scan) logPAxis(label string, top float64) (a axis, infinite float64) {
	infinite = top * 1.07
	ticks := roundTicks(0, top, 1, 8)
	if s.reaching(float32(math.Inf(1))) > 0 {
		ticks = append(ticks, tick{infinite, "∞"})
	}
	return axis{max: top * 1.14, label: label, ticks: ticks, size: noteSize}, infinite
}
