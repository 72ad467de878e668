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
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// barsOf returns the bars of the figure in the given colour.
func barsOf(f Figure, c colour) bars {
	var all bars
	for _, s := range f.shapes {
		if b, ok := s.shape.(bars); ok && s.colour == c {
			all = append(all, b...)
		}
	}
	return all
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
		drawn := map[colour]bars{}
		exact := map[point]bool{}
		for _, c := range []colour{oddDots, evenDots, hitDots} {
			drawn[c] = barsOf(f, c)
			for _, bar := range drawn[c] {
				if bar[0] == bar[1] {
					exact[bar[0]] = true
				}
			}
		}
		cells := map[colour]map[[2]int]bool{oddDots: {}, evenDots: {}, hitDots: {}}
		cell := func(p point) [2]int {
			return [2]int{int((p.x - f.area.min.x) / cellSize), int((p.y - f.area.min.y) / cellSize)}
		}
		kept, total := 0, 0
		for c, bars := range drawn {
			kept += len(bars)
			for _, bar := range bars {
				for y := bar[0].y; y <= bar[1].y+cellSize/2; y += cellSize {
					cells[c][cell(point{bar[0].x, y})] = true
				}
			}
		}
		filled := map[colour]map[[2]int]bool{oddDots: {}, evenDots: {}, hitDots: {}}
		for i, span := range g.spans {
			for j, logP := range span.logP {
				total++
				at := point{f.toX(span.x(span.pos[j])), f.toY(float64(logP))}
				c := oddDots
				switch {
				case logP >= genomeWide:
					c = hitDots
				case i%2 == 1:
					c = evenDots
				}
				if logP >= suggestive && !exact[at] {
					t.Fatalf("n = %d: no dot for the result at %v with −log10 p %v", n, at, logP)
				}
				if !cells[c][cell(at)] {
					t.Fatalf("n = %d: no dot near %v", n, at)
				}
				filled[c][cell(at)] = true
			}
		}
		for c := range cells {
			for at := range cells[c] {
				if !filled[c][at] {
					t.Fatalf("n = %d: a dot in cell %v, where no result is", n, at)
				}
			}
		}
		if n > 50_000 && kept*5 > total {
			t.Errorf("%d results are drawn as %d bars, which is hardly thinned", total, kept)
		}
	}
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
	if n := len(barsOf(s.Manhattan(), hitDots)); n < exact || n > 2*exactDots {
		t.Errorf("%d bars", n)
	}
}

func TestNothingIsDrawnOutside(t *testing.T) {
	for name, s := range extremes() {
		t.Run(name, func(t *testing.T) { checkInside(t, s) })
	}
	rapid.Check(t, func(t *rapid.T) {
		var s Scan
		logP := rapid.OneOf(rapid.Float64Range(0, 10), rapid.Float64Range(0, 400), rapid.Just(math.Inf(1)))
		name := rapid.OneOf(rapid.SampledFrom([]string{"1", "2", "chrX"}), rapid.StringN(0, 40, -1))
		for range rapid.IntRange(0, 60).Draw(t, "n") {
			s.Add(Result{Chrom: name.Draw(t, "chrom"), Pos: rapid.IntRange(1, math.MaxUint32).Draw(t, "pos"),
				ID: name.Draw(t, "id"), LogP: logP.Draw(t, "logP")})
		}
		checkInside(t, &s)
	})
}

// checkInside looks for dots, triangles and lines that are not inside the axes, and
// for text that is not on the paper.
func checkInside(t rapid.TB, s *Scan) {
	for kind, f := range map[string]Figure{"manhattan": s.Manhattan(), "narrow": s.manhattan(250, 240, 5), "qq": s.QQ()} {
		for _, drawn := range f.shapes {
			inside, slack := f.area, cellSize/2+1e-9 // a cell at the border reaches beyond it
			points := drawn.shape.polygons()
			switch shape := drawn.shape.(type) {
			case caption:
				inside, slack = rectangle{max: point{f.width, f.height}}, 1e-9
				points = polygons{corners(shape)}
			case bars:
				points = nil
				for _, bar := range shape {
					points = append(points, bar[:])
				}
			case polygons:
				if drawn.colour == paper {
					continue
				}
				if drawn.colour == hitDots {
					slack += 2 * dotRadius // a triangle, whose centre is a cell's
				}
			case line:
				slack = tickLength + 1e-9
			}
			for _, p := range slices.Concat(points...) {
				if !(p.x >= inside.min.x-slack && p.x <= inside.max.x+slack && p.y >= inside.min.y-slack && p.y <= inside.max.y+slack) {
					t.Fatalf("%s: %T reaches %v, which is not in %v", kind, drawn.shape, p, inside)
				}
			}
		}
	}
}

// corners returns two corners of what a caption takes by the widths of its
// characters. A few signs that combine with others are drawn wider.
func corners(c caption) []point {
	width := textWidth(c.text, c.size)
	start := -width * map[alignment]float64{left: 0, centre: 0.5, right: 1}[c.align]
	both := []point{{start, -descent * c.size}, {start + width, ascent * c.size}}
	for i, p := range both {
		if c.upright {
			p = point{-p.y, p.x}
		}
		both[i] = point{c.at.x + p.x, c.at.y + p.y}
	}
	return both
}

// TestFilesHaveEveryDot reads the dots back from an SVG file, and looks for those
// of hits in an image.
func TestFilesHaveEveryDot(t *testing.T) {
	f := simulated(20_000).Manhattan()
	var file, picture bytes.Buffer
	if err := f.WriteSVG(&file); err != nil {
		t.Fatal(err)
	}
	if err := f.WritePNG(&picture); err != nil {
		t.Fatal(err)
	}
	decoded, err := png.Decode(&picture)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Concat(barsOf(f, oddDots), barsOf(f, evenDots), barsOf(f, hitDots))
	got := regexp.MustCompile(`M([\d.]+),([\d.]+)v(-[\d.]+)`).FindAllStringSubmatch(file.String(), -1)
	if len(got) != len(want) {
		t.Fatalf("%d bars in the file, want %d", len(got), len(want))
	}
	for i, bar := range want {
		for j, w := range []float64{bar[0].x, f.height - bar[0].y, bar[0].y - bar[1].y} {
			if v, err := strconv.ParseFloat(got[i][j+1], 64); err != nil || math.Abs(v-w) > 0.011 {
				t.Fatalf("bar %v is written as %q", bar, got[i][0])
			}
		}
	}
	hits := barsOf(f, hitDots)
	if len(hits) == 0 {
		t.Fatal("there is no hit")
	}
	for _, bar := range hits {
		at := f.pixel(bar[0])
		if c := color.RGBAModel.Convert(decoded.At(int(at.x), int(at.y))); c != hitDots.rgb {
			t.Fatalf("the hit at %v has the colour %v", bar[0], c)
		}
	}
}

// TestWritingKeepsTheFigure writes one figure in all forms, twice.
func TestWritingKeepsTheFigure(t *testing.T) {
	for name, s := range extremes() {
		for kind, f := range map[string]Figure{"manhattan": s.Manhattan(), "qq": s.QQ()} {
			var written [4]bytes.Buffer
			for i, write := range []func(io.Writer) error{f.WriteSVG, f.WritePNG, f.WriteSVG, f.WritePNG} {
				if err := write(&written[i]); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(written[0].Bytes(), written[2].Bytes()) || !bytes.Equal(written[1].Bytes(), written[3].Bytes()) {
				t.Errorf("%s, %s: a figure differs the second time it is written", name, kind)
			}
		}
	}
}

// extremes are scans that are easily drawn wrongly.
func extremes() map[string]*Scan {
	scans := map[string]*Scan{}
	for name, results := range map[string][]Result{
		"nothing":       nil,
		"no p-value":    {{Chrom: "1", Pos: 1, LogP: math.NaN()}},
		"all p = 1":     {{Chrom: "1", Pos: 1}, {Chrom: "1", Pos: 2}, {Chrom: "2", Pos: 1}},
		"one position":  {{Chrom: "chrX", Pos: 7, LogP: 8}},
		"all p = 0":     {{Chrom: "1", Pos: 1, LogP: math.Inf(1)}, {Chrom: "1", Pos: 900, LogP: math.Inf(1)}},
		"huge":          {{Chrom: "1", Pos: 1, LogP: 1e37}, {Chrom: "1", Pos: math.MaxInt, LogP: 1e300}},
		"unusual names": {{Chrom: "", Pos: -1, LogP: 9}, {Chrom: "scaffold_1 <&>\x00\xff", ID: "\x01\x02\xff", LogP: 9}},
		"wide names": {{Chrom: "1" + strings.Repeat("染", 13), Pos: 1, LogP: 1}, {Chrom: "2", Pos: 1, LogP: 1}, {Chrom: "2", Pos: 1e8, LogP: 1},
			{Chrom: strings.Repeat("染", 14), Pos: 1, LogP: 1}},
		"one wide name":  {{Chrom: strings.Repeat("染", 40), Pos: 1, LogP: 1}, {Chrom: strings.Repeat("染", 40), Pos: 9e6, LogP: 1}},
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
			got = append(got, tick.label)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("from %v to %v: %v, want %s", c.low, c.high, got, c.want)
		}
	}
}
