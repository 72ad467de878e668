package report

import (
	"slices"
	"strings"
	"unicode"

	"genoveil/genomics/chrom"
)

// A genome lays chromosomes side by side on one axis, in base pairs.
type genome struct {
	spans  []span
	gap    float64 // between two chromosomes
	length float64 // from the first result to the last
}

// A span is a chromosome, from its first to its last result, on the axis.
type span struct {
	*chromosome
	first, last uint32
	start       float64 // where its first result stands
	margin      float64 // free on either side
	even        bool    // which of the two colours it has
}

func (s span) x(pos uint32) float64 { return s.start + float64(pos) - float64(s.first) }

func (s span) length() float64 { return float64(s.last) - float64(s.first) }

// leastWidth is the share of all results' width that mitochondria have: at the size of a
// page, that of their name.
const leastWidth = 0.016

func (s *Scan) genome() *genome {
	g := &genome{}
	total := 0.0
	for _, c := range s.ordered() {
		sp := span{chromosome: c, first: slices.Min(c.pos), last: slices.Max(c.pos)}
		total += sp.length()
		g.spans = append(g.spans, sp)
	}
	// Half a per cent each, but never more than a tenth for all the gaps of a
	// genome in thousands of contigs. A lone position has an axis too.
	total = max(total, 1)
	g.gap = total * min(0.005, 0.1/float64(len(g.spans)+1))
	block, even := 0.0, false
	for i := range g.spans {
		sp := &g.spans[i]
		// Mitochondria have room for their name, and a colour of their own.
		if least := leastWidth * total; len(g.spans) > 1 && chrom.Parse(sp.name) == chrom.MT && sp.length() < least {
			sp.margin = (least - sp.length()) / 2
			block = total
		}
		// Contigs too small to be told apart share a colour.
		if block > 0.01*total {
			block, even = 0, !even
		}
		sp.start, sp.even = g.length+sp.margin, even
		width := sp.length() + 2*sp.margin
		block += width
		g.length += width + g.gap
	}
	g.length = max(g.length-g.gap, 1)
	return g
}

func (g *genome) find(name string) span {
	return g.spans[slices.IndexFunc(g.spans, func(s span) bool { return s.name == name })]
}

// axis returns the horizontal axis: positions where there is one chromosome,
// else the names of chromosomes, side by side or, where most would not fit,
// upright; of thousands of contigs only the number. The axis is width wide and
// its share room, in [0, 1), is left free behind the last chromosome.
func (g *genome) axis(width, room float64) axis {
	// The size is the largest in which 21 and 22 stand side by side.
	a := axis{min: -g.gap, max: g.gap + g.length/(1-room), label: "Chromosome", size: 7.5}
	scale := width / (a.max - a.min)
	start, end := a.min-besideAxis/scale, a.max+margin/scale // of the paper
	beside := g.names(scale, start, end, func(name string) float64 { return textWidth(name, a.size) + 1.2 })
	upright := g.names(scale, start, end, func(string) float64 { return lineHeight*a.size + 1 })
	switch n := len(g.spans); {
	case n == 0:
	case n == 1:
		name := g.spans[0].name
		// So many characters fit however wide they are.
		a.label = "Position on " + printable(name, min(30, int(width/18))) + " (Mb)"
		if bare := chrom.Bare(name); len(bare) < 3 {
			a.label = "Position on chromosome " + printable(bare, 2) + " (Mb)"
		}
		a.ticks = g.positions(max(2, int(width/60)))
	case len(beside)*2 >= n:
		a.ticks = beside
	case len(upright)*2 >= n:
		a.ticks, a.upright = upright, true
	default:
		a.label = count(n) + " chromosomes or contigs"
	}
	return a
}

// positions returns at most n + 1 ticks along the only chromosome.
func (g *genome) positions(n int) []tick {
	only := g.spans[0]
	ticks := roundTicks(float64(only.first), float64(only.last), 1e6, n)
	for i := range ticks {
		ticks[i].value -= float64(only.first)
	}
	return ticks
}

// names returns the middles of the chromosomes from the left, without those
// whose name would touch the one before it or leave the paper.
func (g *genome) names(scale, start, end float64, width func(name string) float64) []tick {
	var ticks []tick
	free := start
	for _, span := range g.spans {
		name := printable(span.name, 14)
		at := span.start + span.length()/2
		half := width(name) / scale / 2
		if at-half >= free && at+half <= end {
			ticks = append(ticks, tick{at, name})
			free = at + half
		}
	}
	return ticks
}

// printable returns text fit for a figure, with at most n characters: the
// middle is left out, because names that differ only there are rare.
func printable(text string, n int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text))
	if len(runes) <= n {
		return string(runes)
	}
	return string(runes[:n/2]) + "…" + string(runes[len(runes)-(n-1-n/2):])
}
