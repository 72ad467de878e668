package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// QQ draws observed against expected −log10 p, with λ and the band in which 95 %
// of the results of each rank fall where no variant has an effect and variants
// are independent. It is thinned as the Manhattan plot is.
func (s *Scan) QQ() Figure { return s.qq(300) }

// qq draws the plot as a square with sides of the given length in points.
func (s *Scan) qq(size vg.Length) Figure {
	p := newPlot("Expected −log10 p")
	p.Y.Label.Text = "Observed −log10 p"
	n := s.Len()
	p.X.Min, p.X.Max = 0, max(1, 1.04*expected(n-1, n))
	p.X.Tick.Marker = plot.ConstantTicks(roundTicks(0, p.X.Max, 1, 8))
	infinite := s.setLogPAxis(p, max(p.X.Max, s.highest()))
	p.Add(plotFunc(func(c draw.Canvas, p *plot.Plot) { s.drawRanks(c, p, infinite) }))
	return Figure{plot: p, width: size, height: size}
}

// expected returns the −log10 p that is expected of the result with rank i,
// from 0 for the largest p, among n without an effect.
func expected(i, n int) float64 { return -math.Log10((float64(n-i) - 0.5) / float64(n)) }

func (s *Scan) drawRanks(c draw.Canvas, p *plot.Plot, infinite float64) {
	ranks := s.ranks()
	n := len(ranks)
	if n == 0 {
		c.FillText(note(p, ink, draw.XCenter, draw.YCenter), c.Center(), "no variant has a p-value")
		return
	}
	toX, toY := p.Transforms(&c)
	c.FillPolygon(band, c.ClipPolygonXY(bandOutline(n, toX, toY)))
	diagonal := min(p.X.Max, p.Y.Max)
	c.StrokeLine2(draw.LineStyle{Color: muted, Width: 0.6}, toX(0), toY(0), toX(diagonal), toY(diagonal))

	exact := s.exactLevel()
	all, beyond := newDots(c), newDots(c)
	for i, logP := range ranks {
		at := vg.Point{X: toX(expected(i, n)), Y: toY(float64(logP))}
		switch {
		case math.IsInf(float64(logP), 1):
			at.Y = toY(infinite)
			beyond.cells.mark(at)
		case logP >= exact:
			all.exact = append(all.exact, at)
		default:
			all.cells.mark(at)
		}
	}
	all.draw(c, oddDots)
	beyond.drawTriangles(c, hitDots)

	style := note(p, ink, draw.XLeft, draw.YTop)
	c.FillText(style, vg.Point{X: c.Min.X + 6, Y: c.Max.Y - 4}, "λ = "+lambdaText(s.Lambda()))
	c.FillText(style, vg.Point{X: c.Min.X + 6, Y: c.Max.Y - 15}, count(n)+" variants")
}

// bandOutline returns the outline of the 95 % band of order statistics: the
// k-th smallest of n uniform p-values has the distribution Beta(k, n + 1 − k).
func bandOutline(n int, toX, toY func(float64) vg.Length) []vg.Point {
	var upper, lower []vg.Point
	for k := 1.0; ; k = math.Ceil(k * 1.2) {
		k = min(k, float64(n))
		x := toX(expected(n-int(k), n))
		upper = append(upper, vg.Point{X: x, Y: toY(-math.Log10(mathext.InvRegIncBeta(k, float64(n)+1-k, 0.025)))})
		lower = append(lower, vg.Point{X: x, Y: toY(-math.Log10(mathext.InvRegIncBeta(k, float64(n)+1-k, 0.975)))})
		if k == float64(n) {
			break
		}
	}
	slices.Reverse(lower)
	return append(upper, lower...)
}
