package computation

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"genoveil/genomics/meta"
	"genoveil/genomics/report"
	"genoveil/pipeline/study/charter"
	"genoveil/pipeline/study/protocol"
)

// declaredBy is an analysis of two cells, in which the last site has no table of the second
// and no calibration, and of which the first says what a page must not take literally.
func declaredBy(sites ...string) *metaAnalysis {
	a := &charter.Analysis{Name: "t2d", Trait: "t2d", Sites: sites, Scheme: charter.StdErr, Cells: []charter.Cell{
		{Name: "EUR", Sites: sites}, {Name: "AFR", Sites: sites[:len(sites)-1]},
	}}
	m := &metaAnalysis{
		tables:   &tables{Study: &Study{Documents: &protocol.Documents{Charter: &charter.Charter{Study: "s"}, Analysis: a}, Name: sites[0]}},
		declared: map[string]*tablesDeclared{}, said: map[string]*calibrated{},
	}
	for i, site := range sites {
		card := meta.Card{N: 1000 + i, Cases: 300, PZ: 1.01, SEN: 2.2, SENExpected: 2, XRatio: math.NaN(), AFCorrelation: 0.99}
		card.Build, card.Skipped = meta.GRCh38, map[string]int{"INFO below 0.3": 5}
		card.Lambda = [...]float64{math.NaN(), 1.02, 1.03}
		card.AFDifference[0], card.AFDifference[7] = 0.9, 0.1
		t := declaredTable{Card: card, Lambda: 1.5, Cohort: "Cohort of " + site, Covariates: []string{"age", "sex"}}
		if i == 0 {
			t.Cohort, t.Panel = "<script>alert(1)</script>\u202e", strings.Repeat("p", 200)
			t.Covariates = slices.Repeat([]string{strings.Repeat("c", 200)}, 200)
		}
		d := &tablesDeclared{map[string]declaredTable{"EUR": t}}
		if i < len(sites)-1 {
			d.Cells["AFR"] = t
			m.said[site] = &calibrated{Slope: meta.Slope{Value: 0.95, SE: 0.02, Variants: 9}, Null: meta.Slope{Value: math.NaN(), SE: math.NaN()}}
		}
		m.declared[site] = d
	}
	return m
}

func pageOf(t *testing.T, m *metaAnalysis, cells []int) string {
	t.Helper()
	var per perVariant
	for i := range 9 {
		per.add(&meta.Total{Sites: 2 + i%2, Samples: 100 * (i + 1)})
	}
	var scan report.Scan
	scan.Add(report.Result{Chrom: "1", Pos: 1, LogP: 9, N: 900, Sites: 3})
	var b bytes.Buffer
	if err := scan.WritePage(&b, m.page(cells, &per, true)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPageOfCells(t *testing.T) {
	m := declaredBy("brno", "lund", "porto")
	text := pageOf(t, m, []int{0, 1})
	for _, want := range []string{
		"<h2>Table 1, cell EUR</h2>", "<h2>Table 1, cell AFR</h2>", "the own samples of brno", "A site counts once for each cell.",
		`<th scope="row">2</th><td>5</td><td>100</td><td>300</td><td>500</td><td>700</td><td>900</td>`,
		`<th scope="row">any</th><td>9</td><td>100</td><td>300</td><td>500</td><td>700</td><td>900</td>`,
		"<td>Cohort of lund</td><td>Cohort of porto</td>", "&lt;script&gt;alert(1)&lt;/script&gt;?", "<td>age, sex</td>",
		`<th scope="row">Effects on those of the others</th><td>0.950 ± 0.020</td><td>0.950 ± 0.020</td><td>NA</td>`,
		`<th scope="row">Left out: INFO below 0.3</th><td>5</td>`,
		"<h2>Effects on those of the others</h2>", "<h2>Standard errors against P</h2>", "<h2>λ by minor allele frequency</h2>",
		"<h2>Standard errors against N</h2>", "<h2>Allele frequencies against the list</h2>", ">MAF from 0.05</text>", ">porto, EUR</text>", ">lund, AFR</text>",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"<script>", "<h2>z at null variants</h2>", ">porto, AFR</text>", strings.Repeat("c", 201), "NaN", "ZgotmplZ"} {
		if strings.Contains(text, not) {
			t.Errorf("the page has %q", not)
		}
	}
	text = pageOf(t, m, []int{1})
	if strings.Contains(text, "Cohort of porto") || strings.Contains(text, ">porto</text>") || strings.Contains(text, "once for each cell") {
		t.Error("the page of one cell has what is of the other")
	}
}

func TestPageOfManySites(t *testing.T) {
	var sites []string
	for i := range 64 {
		sites = append(sites, fmt.Sprintf("site-%02d", i))
	}
	text := pageOf(t, declaredBy(sites...), []int{0})
	if text != pageOf(t, declaredBy(sites...), []int{0}) {
		t.Error("the page differs between two runs")
	}
	// Standard errors against P and N, λ, frequencies; the slope, without the last site.
	for site, want := range map[string]int{"site-00": 5, "site-62": 5, "site-63": 4} {
		if n := strings.Count(text, ">"+site+"</text>"); n != want {
			t.Errorf("%d plots have %s, want %d", n, site, want)
		}
		if !strings.Contains(text, `<th scope="col">`+site+"</th>") {
			t.Errorf("Table 1 lacks %s", site)
		}
	}
}

// TestPageWithoutSites has totals of which the number of sites was not added up.
func TestPageWithoutSites(t *testing.T) {
	var per perVariant
	for n := range 5 {
		per.add(&meta.Total{Samples: 10 * (n + 1)})
	}
	got := per.table(false)
	want := [][]string{{"any", "5", "10", "20", "30", "40", "50"}}
	if len(got.Rows) != 1 || !slices.Equal(got.Rows[0], want[0]) || got.Note != "" {
		t.Errorf("the table is %v, want %v", got, want)
	}
}

func TestSlopeText(t *testing.T) {
	for _, c := range []struct {
		value, se float64
		want      string
	}{{1, 0.5, "1.000 ± 0.500"}, {math.NaN(), 1, "NA"}, {0.25, math.NaN(), "0.250 ± NA"}} {
		if got := slopeText(c.value, c.se); got != c.want {
			t.Errorf("slopeText(%v, %v) = %q, want %q", c.value, c.se, got, c.want)
		}
	}
}
