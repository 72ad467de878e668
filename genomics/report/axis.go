package report

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
)

// roundTicks returns at most n + 1 ticks from low to high whose distance is 1,
// 2 or 5 times a power of ten. Labels are in multiples of unit.
func roundTicks(low, high, unit float64, n int) []plot.Tick {
	if !(high > low) {
		return []plot.Tick{{Value: low, Label: label(low / unit)}}
	}
	step := math.Pow(10, math.Floor(math.Log10((high-low)/float64(n)/unit)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if step*factor*unit*float64(n) >= high-low {
			step *= factor
			break
		}
	}
	var ticks []plot.Tick
	for i := math.Ceil(low / unit / step); len(ticks) <= n && i*step*unit <= high; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step * unit, Label: label(i * step)})
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

// setLogPAxis makes the vertical axis end a little above top, which is not
// below the largest finite −log10 p, and returns the height at which results
// are drawn whose p is given as 0. Where there are any, the axis names it ∞.
func (s *Scan) setLogPAxis(p *plot.Plot, top float64) (infinite float64) {
	infinite = top * 1.07
	ticks := roundTicks(0, top, 1, 8)
	if s.reaching(float32(math.Inf(1))) > 0 {
		ticks = append(ticks, plot.Tick{Value: infinite, Label: "∞"})
	}
	p.Y.Min, p.Y.Max = 0, top*1.14
	p.Y.Tick.Marker = plot.ConstantTicks(ticks)
	return infinite
}
