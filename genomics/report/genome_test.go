package report

import (
	"fmt"
	"testing"
)

// The numbers of names are as the figures were found to look good.
func TestChromosomeNamesOnTheAxis(t *testing.T) {
	named := func(n int, format string) *Scan {
		s := &Scan{}
		for i := range n {
			name := fmt.Sprintf(format, i+1)
			s.Add(Result{Chrom: name, Pos: 1})
			s.Add(Result{Chrom: name, Pos: 250_000_000 - i*9_000_000})
		}
		return s
	}
	for _, c := range []struct {
		scan    *Scan
		width   int
		label   string
		names   int
		upright bool
	}{
		{named(22, "%d"), 720, "Chromosome", 22, false},
		{named(22, "%d"), 250, "Chromosome", 15, false},
		{named(16, "NC_0011%02d.9"), 720, "Chromosome", 10, false},
		{named(16, "NC_0011%02d.9"), 250, "Chromosome", 14, true},
		{extremes()["5000 contigs"], 720, "5,000 chromosomes or contigs", 0, false},
		{named(1, "chr%d"), 720, "Position on chromosome 1 (Mb)", 5, false},
		{named(1, "scaffold_%d"), 720, "Position on scaffold_1 (Mb)", 5, false},
		{&Scan{}, 720, "Chromosome", 0, false},
	} {
		width := float64(c.width - 50)
		a := c.scan.genome().axis(width, 0.05)
		ticks := a.ticks
		if a.label != c.label || len(ticks) != c.names || a.upright != c.upright {
			t.Errorf("%d wide: %q, %d names, upright %v; want %q, %d, %v", c.width, a.label, len(ticks), a.upright, c.label, c.names, c.upright)
		}
		size := func(i int) float64 {
			if c.upright {
				return lineHeight * a.size
			}
			return textWidth(ticks[i].label, a.size)
		}
		for i := 1; i < len(ticks); i++ {
			apart := (ticks[i].value - ticks[i-1].value) / (a.max - a.min) * width
			if apart < (size(i)+size(i-1))/2 {
				t.Errorf("%d wide: the names %s and %s overlap", c.width, ticks[i-1].label, ticks[i].label)
			}
		}
	}
}

// TestMitochondriaOnTheAxis: their few bases have room for their name behind X and Y, a
// colour of their own, and the dots in the middle of it.
func TestMitochondriaOnTheAxis(t *testing.T) {
	s := &Scan{}
	length := func(i int) int { return 250_000_000 - i*9_000_000 }
	for i := range 22 {
		s.Add(Result{Chrom: fmt.Sprint(i + 1), Pos: 1})
		s.Add(Result{Chrom: fmt.Sprint(i + 1), Pos: length(i)})
	}
	for _, c := range []Result{{Chrom: "X", Pos: 155_000_000}, {Chrom: "Y", Pos: 57_000_000}, {Chrom: "MT", Pos: 16_500}} {
		s.Add(Result{Chrom: c.Chrom, Pos: 1})
		s.Add(c)
	}
	g := s.genome()
	ticks := g.axis(670, 0.05).ticks
	if n := len(ticks); ticks[n-1].label != "MT" {
		t.Errorf("the last names are %v", ticks[n-3:])
	}
	mt := g.find("MT")
	if neighbour := g.find("Y"); neighbour.even == mt.even || mt.x(1)-neighbour.x(57_000_000) < g.gap {
		t.Errorf("mitochondria at %g, %v, Y at %g, %v", mt.x(1), mt.even, neighbour.x(57_000_000), neighbour.even)
	}
}
