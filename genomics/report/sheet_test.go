package report

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// withEverything is a page with a text wherever one has a place.
func withEverything(text string) Page {
	intervals := Intervals{Axis: text, Reference: 1, Max: 2, Series: []string{text, text}, Rows: []IntervalRow{
		{text, []Interval{PlusMinus(1, 0.1), Only(0.5)}}, {text, []Interval{Only(math.NaN()), Only(math.NaN())}},
	}}
	shares := Shares{Axis: text, Classes: []string{text, text}, Rows: []ShareRow{{text, []float64{0.5, 0.5}}, {text, nil}}}
	return Page{
		Title:    text,
		Sections: []Section{{text, []Row{{text, text}}}, {text, nil}},
		Tables:   []Table{{text, []string{text, text}, [][]string{{text, text}, {text}}, text}},
		Plots:    []Plot{{text, intervals.Figure(), text}, {text, shares.Figure(), text}},
	}
}

func TestPageHasTablesAndPlots(t *testing.T) {
	s := simulated(500)
	slopes := Intervals{Axis: "Slope ± SE", Reference: 1, Min: -2, Max: 4, Rows: []IntervalRow{
		{"brno", []Interval{PlusMinus(0.9, 0.1)}}, {"lund", []Interval{Only(math.NaN())}},
	}}
	none := Intervals{Axis: "Nothing known", Max: 1, Rows: []IntervalRow{{"brno", []Interval{Only(math.NaN())}}}}
	shares := Shares{Axis: "Variants", Classes: []string{"near", "far"}, Rows: []ShareRow{{"brno", []float64{0.9, 0.1}}}}
	text := page(t, s, Page{
		Tables: []Table{{"Table 1", []string{"", "brno", "lund"}, [][]string{{"N", "100", "200", "beyond the header"}, {"Cohort", strings.Repeat("é", 500)}}, "All of them."}},
		Plots:  []Plot{{"Effects", slopes.Figure(), "At 5 variants."}, {"Unknown", none.Figure(), ""}, {"Frequencies", shares.Figure(), ""}},
	})
	for _, want := range []string{
		"<h2>Table 1</h2>", `<th scope="col">brno</th><th scope="col">lund</th>`, `<tr><th scope="row">N</th><td>100</td><td>200</td></tr>`,
		`…`, `<td></td></tr>`, "All of them.", "<h2>Effects</h2>", ">lund</text>", ">NA</text>", ">Slope ± SE</text>", "At 5 variants.",
		"<h2>Frequencies</h2>", ">near</text>", ">far</text>", "overflow-x: auto",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"beyond the header", "Unknown", "Nothing known", strings.Repeat("é", cellChars), "NaN", "ZgotmplZ"} {
		if strings.Contains(text, not) {
			t.Errorf("the page has %q", not)
		}
	}
}

func TestPageHasSamplesAndSitesWhereKnown(t *testing.T) {
	for _, c := range []struct {
		n, sites  int
		has, lack []string
	}{
		{0, 0, nil, []string{">N</th>", ">Sites</th>"}},
		{12345, 0, []string{">N</th>", `data-name="N">12,345</td>`, `data-name="N">–</td>`}, []string{">Sites</th>"}},
		{12345, 3, []string{">N</th>", ">Sites</th>", `data-name="Sites">3</td>`, `data-name="Sites">–</td>`}, nil},
	} {
		var s Scan
		s.Add(Result{Chrom: "1", Pos: 1, LogP: 9, N: c.n, Sites: c.sites})
		s.Add(Result{Chrom: "2", Pos: 1, LogP: 8})
		text := page(t, &s, Page{})
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				t.Errorf("N = %d, %d sites: the page lacks %q", c.n, c.sites, want)
			}
		}
		for _, not := range c.lack {
			if strings.Contains(text, not) {
				t.Errorf("N = %d, %d sites: the page has %q", c.n, c.sites, not)
			}
		}
	}
}

// manySites has a row for each of 64 sites, one of which is far off and one unknown.
func manySites() (*Intervals, *Shares) {
	intervals := &Intervals{Axis: "λ", Reference: 1, Min: 0, Max: 4, Series: []string{"below 0.01", "0.01 to 0.05", "from 0.05"}}
	shares := &Shares{Axis: "Variants", Classes: []string{"below 0.05", "0.05 to 0.1", "0.1 to 0.2", "from 0.2"}}
	for i := range 64 {
		v := 0.9 + float64(i)/300
		switch i {
		case 7:
			v = 1e30
		case 8:
			v = math.NaN()
		}
		name := fmt.Sprintf("hospital-%02d.somewhere", i)
		intervals.Rows = append(intervals.Rows, IntervalRow{name, []Interval{Only(v), PlusMinus(v+0.1, 0.05), Only(v - 0.1)}})
		shares.Rows = append(shares.Rows, ShareRow{name, []float64{0.7, 0.2, 0.05, v - 0.9}})
	}
	return intervals, shares
}

func TestPlotsOfManySites(t *testing.T) {
	intervals, shares := manySites()
	for kind, f := range map[string]Figure{"intervals": intervals.Figure(), "shares": shares.Figure()} {
		checkLanes(t, f)
		var b bytes.Buffer
		if err := f.WriteSVG(&b); err != nil {
			t.Fatal(err)
		}
		checkXML(t, kind, b.String())
		var names []point
		for _, s := range f.shapes {
			if c, ok := s.shape.(caption); ok && strings.HasPrefix(c.text, "hospital-") {
				names = append(names, c.at)
			}
		}
		if len(names) != 64 {
			t.Fatalf("%s: %d names of 64", kind, len(names))
		}
		for i := 1; i < len(names); i++ {
			if apart := math.Abs(names[i].y - names[i-1].y); apart < lineHeight*noteSize {
				t.Fatalf("%s: names are %v points apart", kind, apart)
			}
		}
		if n := strings.Count(b.String(), ">NA</text>"); n != 1 {
			t.Errorf("%s: %d rows are said to be unknown", kind, n)
		}
	}
}

// TestFarValueIsAnArrow compares the axis with that without the value.
func TestFarValueIsAnArrow(t *testing.T) {
	p := Intervals{Reference: 1, Max: 3, Rows: []IntervalRow{{"a", []Interval{Only(1.1)}}, {"b", []Interval{PlusMinus(1e30, 1)}}, {"c", []Interval{Only(math.Inf(-1))}}}}
	f := p.Figure()
	if f.x.min < -0.2 || f.x.max > 3.2 {
		t.Errorf("the axis goes from %v to %v", f.x.min, f.x.max)
	}
	triangles := 0
	for _, s := range f.shapes {
		if p, ok := s.shape.(polygons); ok && len(p[0]) == 3 && s.colour == oddDots {
			triangles++
		}
	}
	if triangles != 2 {
		t.Errorf("%d arrows for two values beyond the axis", triangles)
	}
	checkLanes(t, f)
}

func TestPlotsOfNothing(t *testing.T) {
	for _, rows := range [][]IntervalRow{nil, {{"a", nil}}, {{"a", []Interval{Only(math.NaN())}}}} {
		if p := (Intervals{Reference: 1, Max: 2, Rows: rows}); len(p.Figure().shapes) > 0 {
			t.Errorf("%v makes a figure", rows)
		}
	}
	for _, rows := range [][]ShareRow{nil, {{"a", nil}}, {{"a", []float64{math.NaN(), 1}}}} {
		if p := (Shares{Rows: rows}); len(p.Figure().shapes) > 0 {
			t.Errorf("%v makes a figure", rows)
		}
	}
}

func TestPlotsStayOnThePaper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64Range(0, 2), rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 0, 1}))
		name := rapid.OneOf(rapid.StringN(0, 300, -1), rapid.Just(strings.Repeat("染", 50)))
		p := Intervals{Axis: "x", Reference: number.Draw(t, "reference"), Min: -1, Max: 3, Series: rapid.SliceOfN(name, 0, 5).Draw(t, "series")}
		q := Shares{Axis: "x", Classes: p.Series}
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			row := IntervalRow{Name: name.Draw(t, "name")}
			for range rapid.IntRange(0, 5).Draw(t, "values") {
				row.Values = append(row.Values, Interval{number.Draw(t, "value"), number.Draw(t, "low"), number.Draw(t, "high")})
			}
			p.Rows = append(p.Rows, row)
			q.Rows = append(q.Rows, ShareRow{name.Draw(t, "name"), rapid.SliceOfN(number, 0, 5).Draw(t, "shares")})
		}
		checkLanes(t, p.Figure())
		checkLanes(t, q.Figure())
	})
}

// checkLanes looks for what is drawn beyond the axes, and for names left of the paper.
func checkLanes(t rapid.TB, f Figure) {
	for _, drawn := range f.shapes {
		inside, slack := f.area, max(tickLength, 2*markRadius)+1e-9
		points := drawn.shape.polygons()
		switch shape := drawn.shape.(type) {
		case caption:
			inside, slack = rectangle{max: point{f.width, f.height}}, 1e-9
			points = polygons{corners(shape)}
		case polygons:
			if drawn.colour == paper {
				continue
			}
		case line:
			points = polygons{{shape.from, shape.to}}
		}
		for _, p := range slices.Concat(points...) {
			if !(p.x >= inside.min.x-slack && p.x <= inside.max.x+slack && p.y >= inside.min.y-slack && p.y <= inside.max.y+slack) {
				t.Fatalf("%T %+v reaches %v, which is not in %v", drawn.shape, drawn.shape, p, inside)
			}
		}
	}
}

func TestPlotsAreDeterministic(t *testing.T) {
	write := func() string {
		intervals, shares := manySites()
		return page(t, simulated(500), Page{Tables: []Table{{Title: "t", Header: []string{"a", "b"}, Rows: [][]string{{"1", "2"}}}},
			Plots: []Plot{{Figure: intervals.Figure()}, {Figure: shares.Figure()}}})
	}
	text := write()
	if text != write() {
		t.Error("the page differs between two runs")
	}
	if bad := regexp.MustCompile(`NaN|Inf\b`).FindString(text); bad != "" {
		t.Errorf("the page has %s", bad)
	}
}
