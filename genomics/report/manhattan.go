package report

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Manhattan draws −log10 p along the genome, with the strongest loci labelled
// and lines at p = 5e-8 and p = 1e-5. Every result with p ≤ 1e-5 has its own dot
// (of more than 10,000, the strongest); of the others those in one pixel share
// one. Results whose p is given as 0 are triangles at ∞.
func (s *Scan) Manhattan() Figure { return s.manhattan(720, 320, 12) }

// manhattan draws the plot in the given size in points, with at most the given
// number of labels.
func (s *Scan) manhattan(width, height vg.Length, labels int) Figure {
	g := s.genome()
	p := newPlot("")
	infinite := s.setLogPAxis(p, max(genomeWide, s.highest()))

	// The lines are named to the right of the last chromosome.
	name := note(p, muted, draw.XRight, draw.YBottom)
	inner := width - 2*margin - 32 // 32 points are what the vertical axis takes
	g.setAxis(p, inner, float64((name.Width("5e-8")+4)/inner))

	p.Add(
		plotFunc(func(c draw.Canvas, p *plot.Plot) {
			drawLevel(c, p, name, suggestive, "1e-5", draw.LineStyle{Color: muted, Width: 0.6, Dashes: []vg.Length{3, 3}})
			drawLevel(c, p, name, genomeWide, "5e-8", draw.LineStyle{Color: muted, Width: 0.6})
		}),
		plotFunc(func(c draw.Canvas, p *plot.Plot) { s.drawGenome(c, p, g, infinite, labels) }),
	)
	return Figure{plot: p, width: width, height: height}
}

// drawLevel draws a horizontal line with its name on it at the right end.
func drawLevel(c draw.Canvas, p *plot.Plot, style text.Style, level float64, name string, line draw.LineStyle) {
	_, y := p.Transforms(&c)
	c.StrokeLine2(line, c.Min.X, y(level), c.Max.X, y(level))
	c.FillText(style, vg.Point{X: c.Max.X - 1, Y: y(level) + 1}, name)
}

// drawGenome draws the dots of all chromosomes and the labels.
func (s *Scan) drawGenome(c draw.Canvas, p *plot.Plot, g *genome, infinite float64, labels int) {
	if s.Len() == 0 {
		c.FillText(note(p, ink, draw.XCenter, draw.YCenter), c.Center(), "no variant has a p-value")
		return
	}
	toX, toY := p.Transforms(&c)
	exact := s.exactLevel()
	odd, even, hits, beyond := newDots(c), newDots(c), newDots(c), newDots(c)
	for _, span := range g.spans {
		colour := odd
		if span.even {
			colour = even
		}
		for j, logP := range span.logP {
			at := vg.Point{X: toX(span.x(span.pos[j])), Y: toY(float64(logP))}
			layer := colour
			switch {
			case math.IsInf(float64(logP), 1):
				at.Y = toY(infinite)
				beyond.cells.mark(at)
				continue
			case logP >= genomeWide:
				layer = hits
			}
			if logP >= exact {
				layer.exact = append(layer.exact, at)
			} else {
				layer.cells.mark(at)
			}
		}
	}
	odd.draw(c, oddDots)
	even.draw(c, evenDots)
	hits.draw(c, hitDots)
	beyond.drawTriangles(c, hitDots)

	l := labeller{canvas: c, style: note(p, ink, draw.XLeft, draw.YBottom)}
	l.dots = slices.Concat(odd.exact, even.exact, hits.exact, beyond.centres())
	for _, lead := range s.Loci(labels) {
		if lead.LogP < genomeWide {
			break
		}
		x := g.find(lead.Chrom).x(uint32(lead.Pos))
		l.add(vg.Point{X: toX(x), Y: toY(min(lead.LogP, infinite))}, lead.name())
	}
}

// name is the ID of the variant, or its place where it has none.
func (r Result) name() string {
	if missing(r.ID) {
		return fmt.Sprintf("%s:%d", r.Chrom, r.Pos)
	}
	return r.ID
}
