package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
)

func testCanvas() draw.Canvas { return draw.NewCanvas(&recorder.Canvas{}, 200, 200) }

// bars draws the figure and returns the bars in the given colour by the centres
// of their ends.
func bars(t *testing.T, f Figure, colour color.Color) [][2]vg.Point {
	var record recorder.Canvas
	f.draw(draw.NewCanvas(&record, f.width, f.height))
	var bars [][2]vg.Point
	var current color.Color
	for _, action := range record.Actions {
		switch action := action.(type) {
		case *recorder.SetColor:
			current = action.Color
		case *recorder.Fill:
			if current != colour {
				continue
			}
			for _, part := range action.Path {
				if part.Type == vg.ArcComp && part.Start == math.Pi {
					bars = append(bars, [2]vg.Point{part.Pos})
				} else if part.Type == vg.ArcComp {
					bars[len(bars)-1][1] = part.Pos
				}
			}
		}
	}
	return bars
}

// simulated returns a scan of n results under the null hypothesis and some
// stronger ones, on three chromosomes.
func simulated(n int) *Scan {
	r := rand.New(rand.NewPCG(1, 2))
	s := &Scan{}
	for i := range n {
		logP := -math.Log10(1 - r.Float64())
		if i%97 == 0 {
			logP *= 6
		}
		s.Add(Result{Chrom: fmt.Sprint(1 + i*3/n), Pos: 1 + (i*3%n)*(200_000_000/n), ID: fmt.Sprint("rs", i), A1: "A",
			A1Freq: 0.25, Effect: 0.1, SE: 0.02, LogP: logP})
	}
	return s
}

// TestThinningKeepsTheVisible compares what is drawn with where every result
// belongs: each hit stands there exactly, every other result has a dot less
// than a cell away, and no dot is without a result.
func TestThinningKeepsTheVisible(t *testing.T) {
	for _, n := range []int{10, 3000, 60_000} {
		s := simulated(n)
		f := s.Manhattan()
		g := s.genome()
		area := f.plot.DataCanvas(draw.Crop(testCanvasOf(f), margin, -margin, margin, -margin))
		toX, toY := f.plot.Transforms(&area)

		drawn := map[color.Color][][2]vg.Point{}
		exact := map[vg.Point]bool{}
		for _, colour := range []color.Color{oddDots, evenDots, hitDots} {
			drawn[colour] = bars(t, f, colour)
			for _, bar := range drawn[colour] {
				if bar[0] == bar[1] {
					exact[bar[0]] = true
				}
			}
		}
		cells := map[color.Color]map[[2]int]bool{oddDots: {}, evenDots: {}, hitDots: {}}
		cell := func(p vg.Point) [2]int {
			return [2]int{int((p.X - area.Min.X) / cellSize), int((p.Y - area.Min.Y) / cellSize)}
		}
		kept, total := 0, 0
		for colour, bars := range drawn {
			kept += len(bars)
			for _, bar := range bars {
				for y := bar[0].Y; y <= bar[1].Y+cellSize/2; y += cellSize {
					cells[colour][cell(vg.Point{X: bar[0].X, Y: y})] = true
				}
			}
		}
		filled := map[color.Color]map[[2]int]bool{oddDots: {}, evenDots: {}, hitDots: {}}
		for i, span := range g.spans {
			for j, logP := range span.logP {
				total++
				at := vg.Point{X: toX(span.x(span.pos[j])), Y: toY(float64(logP))}
				var colour color.Color = oddDots
				switch {
				case logP >= genomeWide:
					colour = hitDots
				case i%2 == 1:
					colour = evenDots
				}
				if logP >= suggestive && !exact[at] {
					t.Fatalf("n = %d: no dot for the result at %v with −log10 p %v", n, at, logP)
				}
				if !cells[colour][cell(at)] {
					t.Fatalf("n = %d: no dot near %v", n, at)
				}
				filled[colour][cell(at)] = true
			}
		}
		for colour := range cells {
			for c := range cells[colour] {
				if !filled[colour][c] {
					t.Fatalf("n = %d: a dot in cell %v, where no result is", n, c)
				}
			}
		}
		if n > 50_000 && kept*5 > total {
			t.Errorf("%d results are drawn as %d bars, which is hardly thinned", total, kept)
		}
	}
}

func testCanvasOf(f Figure) draw.Canvas {
	return draw.NewCanvas(&recorder.Canvas{}, f.width, f.height)
}

// TestManyHits has more hits than are drawn exactly.
func TestManyHits(t *testing.T) {
	var s Scan
	for i := range 3 * exactDots {
		s.Add(Result{Chrom: "1", Pos: i, LogP: 8 + float64(i)/10_000})
	}
	exact := 0
	for _, r := range s.ranks() {
		if r >= s.exactLevel() {
			exact++
		}
	}
	if exact > exactDots || exact < exactDots*9/10 {
		t.Errorf("%d results are drawn exactly", exact)
	}
	if n := len(bars(t, s.Manhattan(), hitDots)); n < exact || n > 2*exactDots {
		t.Errorf("%d bars", n)
	}
}

// extremes are scans that are easily drawn wrongly.
func extremes() map[string]*Scan {
	scans := map[string]*Scan{}
	for name, results := range map[string][]Result{
		"nothing":        nil,
		"no p-value":     {{Chrom: "1", Pos: 1, LogP: math.NaN()}},
		"all p = 1":      {{Chrom: "1", Pos: 1}, {Chrom: "1", Pos: 2}, {Chrom: "2", Pos: 1}},
		"one position":   {{Chrom: "chrX", Pos: 7, LogP: 8}},
		"all p = 0":      {{Chrom: "1", Pos: 1, LogP: math.Inf(1)}, {Chrom: "1", Pos: 900, LogP: math.Inf(1)}},
		"huge":           {{Chrom: "1", Pos: 1, LogP: 1e37}, {Chrom: "1", Pos: math.MaxInt, LogP: 1e300}},
		"unusual names":  {{Chrom: "", Pos: -1, LogP: 9}, {Chrom: "scaffold_1 <&>\x00\xff", ID: "\x01\x02\xff", LogP: 9}},
		"tiny positions": {{Chrom: "1", Pos: 1, LogP: 1}, {Chrom: "1", Pos: 2, LogP: 2}},
	} {
		s := &Scan{}
		for _, r := range results {
			s.Add(r)
		}
		scans[name] = s
	}
	contigs := &Scan{}
	for i := range 5000 {
		contigs.Add(Result{Chrom: fmt.Sprintf("scaffold_%d_pilon", i), Pos: 1, LogP: float64(i%90) / 10})
	}
	scans["5000 contigs"] = contigs
	return scans
}

func TestFiguresOfExtremes(t *testing.T) {
	for name, s := range extremes() {
		for kind, f := range map[string]Figure{"manhattan": s.Manhattan(), "qq": s.QQ()} {
			var picture, svg bytes.Buffer
			if err := f.WritePNG(&picture); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			if _, err := png.DecodeConfig(&picture); err != nil {
				t.Errorf("%s, %s: not a PNG: %v", name, kind, err)
			}
			if err := f.WriteSVG(&svg); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
			text := svg.String()
			checkXML(t, name+", "+kind, text)
			if bad := regexp.MustCompile(`NaN|Inf`).FindString(text); bad != "" {
				t.Errorf("%s, %s: %s in the SVG", name, kind, bad)
			}
			if empty := strings.Contains(text, "no variant has a p-value"); empty != (s.Len() == 0) {
				t.Errorf("%s, %s: says that there is nothing: %v", name, kind, empty)
			}
			if infinite := strings.Contains(text, "∞"); infinite != (s.reaching(float32(math.Inf(1))) > 0 || kind == "qq" && math.IsInf(s.Lambda(), 1)) {
				t.Errorf("%s, %s: shows infinity: %v", name, kind, infinite)
			}
		}
	}
}

// checkXML reports text that is not well-formed XML.
func checkXML(t *testing.T, name, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

func TestRoundTicks(t *testing.T) {
	for _, c := range []struct {
		low, high, unit float64
		n               int
		want            string
	}{
		{0, 8.2, 1, 8, "0 2 4 6 8"},
		{0, 7.3, 1, 8, "0 1 2 3 4 5 6 7"},
		{0, 313, 1, 8, "0 50 100 150 200 250 300"},
		{0, 1, 1, 8, "0 0.2 0.4 0.6 0.8 1"},
		{44.1e6, 46.2e6, 1e6, 4, "45 46"},
		{5, 5, 1e6, 4, "5e-06"},
	} {
		var got []string
		for _, tick := range roundTicks(c.low, c.high, c.unit, c.n) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("from %v to %v: %v, want %s", c.low, c.high, got, c.want)
		}
	}
}
