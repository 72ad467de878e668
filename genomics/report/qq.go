package report

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// QQ draws observed against expected −log10 p, with λ and the band in which 95 %
// of the results of each rank fall where no variant has an effect and variants
// are independent. It is thinned as the Manhattan plot is.
func (s *Scan) QQ() Figure { return s.qq(300) }

// qq draws the plot as a square with sides of the given length in points.
func (s *Scan) qq(size float64) Figure {
	f := Figure{width: size, height: size}
	n := s.Len()
	f.x = axis{max: max(1, 1.04*expected(n-1, n)), label: "Expected −log10 p", size: noteSize}
	f.x.ticks = roundTicks(0, f.x.max, 1, 8)
	var infinite float64
	f.y, infinite = s.logPAxis("Observed −log10 p", max(f.x.max, s.highest()))
	f.drawAxes()
	if n == 0 {
		f.sayEmpty()
	} else {
		s.drawRanks(&f, infinite)
	}
	return f
}

// expected returns the −log10 p that is expected of the result with rank i,
// from 0 for the largest p, among n without an effect.
func expected(i, n int) float64 { return -math.Log10((float64(n-i) - 0.5) / float64(n)) }

func (s *Scan) drawRanks(f *Figure, infinite float64) {
	ranks := s.ranks()
	n := len(ranks)
	f.add(band, polygons{f.bandOutline(n)})
	diagonal := min(f.x.max, f.y.max)
	f.add(muted, line{from: f.area.min, to: point{f.toX(diagonal), f.toY(diagonal)}, width: 0.6})

	exact := s.exactLevel()
	all, beyond := newDots(f), newDots(f)
	for i, logP := range ranks {
		at := point{f.toX(expected(i, n)), f.toY(float64(logP))}
		switch {
		case math.IsInf(float64(logP), 1):
			at.y = f.toY(infinite)
			beyond.cells.mark(at)
		case logP >= exact:
			all.exact = append(all.exact, at)
		default:
			all.cells.mark(at)
		}
	}
	all.draw(f, oddDots)
	beyond.drawTriangles(f, hitDots)

	at := point{f.area.min.x + 6, f.area.max.y - 4 - ascent*noteSize}
	f.note(ink, at, left, "λ = "+lambdaText(s.Lambda()))
	f.note(ink, point{at.x, at.y - 11}, left, count(n)+" variants")
}

// bandOutline returns the outline of the 95 % band of order statistics: the
// k-th smallest of n uniform p-values has the distribution Beta(k, n + 1 − k).
func (f *Figure) bandOutline(n int) []point {
	var upper, lower []point
	for k := 1.0; ; k = math.Ceil(k * 1.2) {
		k = min(k, float64(n))
		x := f.toX(expected(n-int(k), n))
		upper = append(upper, point{x, f.toY(-math.Log10(mathext.InvRegIncBeta(k, float64(n)+1-k, 0.025)))})
		lower = append(lower, point{x, f.toY(-math.Log10(mathext.InvRegIncBeta(k, float64(n)+1-k, 0.975)))})
		if k == float64(n) {
			break
		}
	}
	slices.Reverse(lower)
	return below(append(upper, lower...), f.area.max.y)
}

// below returns the part of a polygon that is not above top.
func below(outline []point, top float64) []point {
	var kept []point
	last := outline[len(outline)-1]
	for _, p := range outline {
		if (p.y > top) != (last.y > top) {
			kept = append(kept, point{last.x + (top-last.y)/(p.y-last.y)*(p.x-last.x), top})
		}
		if p.y <= top {
			kept = append(kept, p)
		}
		last = p
	}
	return kept
}
