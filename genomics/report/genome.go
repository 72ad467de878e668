package report

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

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
	even        bool    // which of the two colours it has
}

func (s span) x(pos uint32) float64 { return s.start + float64(pos) - float64(s.first) }

func (s span) length() float64 { return float64(s.last) - float64(s.first) }

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
		// Contigs too small to be told apart share a colour.
		if block > 0.01*total {
			block, even = 0, !even
		}
		sp := &g.spans[i]
		sp.start, sp.even = g.length, even
		block += sp.length()
		g.length += sp.length() + g.gap
	}
	g.length = max(g.length-g.gap, 1)
	return g
}

func (g *genome) find(name string) span {
	return g.spans[slices.IndexFunc(g.spans, func(s span) bool { return s.name == name })]
}

// setAxis makes the horizontal axis: positions where there is one chromosome,
// else the names of chromosomes, side by side or, where most would not fit,
// upright; of thousands of contigs only the number. The axis is width wide and
// its share room, in [0, 1), is left free behind the last chromosome.
func (g *genome) setAxis(p *plot.Plot, width vg.Length, room float64) {
	p.X.Min, p.X.Max = -g.gap, g.gap+g.length/(1-room)
	style := &p.X.Tick.Label
	style.Font = sans(7.5) // the largest in which 21 and 22 stand side by side
	scale := float64(width) / (p.X.Max - p.X.Min)
	beside := g.names(scale, func(name string) float64 { return float64(style.Width(name)) + 1.2 })
	upright := g.names(scale, func(string) float64 { return float64(style.Height("0")) + 1 })
	p.X.Label.Text = "Chromosome"
	switch n := len(g.spans); {
	case n == 0:
		p.X.Tick.Marker = plot.ConstantTicks(nil)
	case n == 1:
		p.X.Label.Text = "Position on " + printable(g.spans[0].name, 30) + " (Mb)"
		if len(chrom.Bare(g.spans[0].name)) < 3 {
			p.X.Label.Text = "Position on chromosome " + printable(chrom.Bare(g.spans[0].name), 30) + " (Mb)"
		}
		p.X.Tick.Marker = plot.ConstantTicks(g.positions(max(2, int(width/60))))
	case len(beside)*2 >= n:
		p.X.Tick.Marker = plot.ConstantTicks(beside)
	case len(upright)*2 >= n:
		p.X.Tick.Marker = plot.ConstantTicks(upright)
		style.Rotation = math.Pi / 2
		style.XAlign, style.YAlign = draw.XRight, draw.YCenter
	default:
		p.X.Label.Text = count(n) + " chromosomes or contigs"
		p.X.Tick.Marker = plot.ConstantTicks(nil)
	}
}

// positions returns at most n + 1 ticks along the only chromosome.
func (g *genome) positions(n int) []plot.Tick {
	only := g.spans[0]
	ticks := roundTicks(float64(only.first), float64(only.last), 1e6, n)
	for i := range ticks {
		ticks[i].Value -= float64(only.first)
	}
	return ticks
}

// names returns the middles of the chromosomes from the left, without those
// whose name would touch the one before it.
func (g *genome) names(scale float64, width func(name string) float64) []plot.Tick {
	var ticks []plot.Tick
	free := math.Inf(-1)
	for _, span := range g.spans {
		name := printable(span.name, 14)
		middle := span.start + span.length()/2
		half := width(name) / scale / 2
		if middle-half >= free {
			ticks = append(ticks, plot.Tick{Value: middle, Label: name})
			free = middle + half
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
