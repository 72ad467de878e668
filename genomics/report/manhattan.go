package report

import (
	"fmt"
	"math"
	"slices"

	"genoveil/genomics/text"
)

// Manhattan draws −log10 p along the genome, with the strongest loci labelled
// and lines at p = 5e-8 and p = 1e-5. Every result with p ≤ 1e-5 has its own dot
// (of more than 10,000, the strongest); of the others those in one pixel share
// one. Results whose p is given as 0 are triangles at ∞.
func (s *Scan) Manhattan() Figure { return s.manhattan(720, 320, 12) }

// manhattan draws the plot in the given size in points, with at most the given
// number of labels.
func (s *Scan) manhattan(width, height float64, labels int) Figure {
	f := Figure{width: width, height: height}
	var infinite float64
	f.y, infinite = s.logPAxis("−log10 p", max(genomeWide, s.highest()))

	// The lines are named to the right of the last chromosome.
	g := s.genome()
	inner := f.innerWidth()
	f.x = g.axis(inner, (textWidth("5e-8", noteSize)+4)/inner)
	f.drawAxes()
	f.drawLevel(line{width: 0.6, dashed: true}, suggestive, "1e-5")
	f.drawLevel(line{width: 0.6}, genomeWide, "5e-8")
	if s.Len() == 0 {
		f.sayEmpty()
	} else {
		s.drawGenome(&f, g, infinite, labels)
	}
	return f
}

// drawLevel draws a horizontal line with its name on it at the right end.
func (f *Figure) drawLevel(l line, level float64, name string) {
	y := f.toY(level)
	l.from, l.to = point{f.area.min.x, y}, point{f.area.max.x, y}
	f.add(muted, l)
	f.note(muted, point{f.area.max.x - 1, y + 1.5}, right, name)
}

// drawGenome draws the dots of all chromosomes and the labels.
func (s *Scan) drawGenome(f *Figure, g *genome, infinite float64, labels int) {
	exact := s.exactLevel()
	odd, even, hits, beyond := newDots(f), newDots(f), newDots(f), newDots(f)
	for _, span := range g.spans {
		own := odd
		if span.even {
			own = even
		}
		for j, logP := range span.logP {
			at := point{f.toX(span.x(span.pos[j])), f.toY(float64(logP))}
			layer := own
			switch {
			case math.IsInf(float64(logP), 1):
				at.y = f.toY(infinite)
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
	odd.draw(f, oddDots)
	even.draw(f, evenDots)
	hits.draw(f, hitDots)
	beyond.drawTriangles(f, hitDots)

	l := labeller{figure: f, dots: slices.Concat(odd.exact, even.exact, hits.exact, beyond.centres())}
	for _, lead := range s.Loci(labels) {
		if lead.LogP < genomeWide {
			break
		}
		x := g.find(lead.Chrom).x(uint32(lead.Pos))
		l.add(point{f.toX(x), f.toY(min(lead.LogP, infinite))}, lead.name())
	}
}

// name is the ID of the variant, or its place where it has none.
func (r Result) name() string {
	if text.Missing(r.ID) {
		return fmt.Sprintf("%s:%d", r.Chrom, r.Pos)
	}
	return r.ID
}
