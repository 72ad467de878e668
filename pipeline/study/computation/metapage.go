package computation

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"genoveil/genomics/meta"
	"genoveil/genomics/report"
	"genoveil/pipeline/study/charter"
)

// page says whose totals these are: how many samples and sites the variants have, the cards
// of all sites, which are Table 1, and how these compare.
func (m *metaAnalysis) page(cells []int, per *perVariant, withoutOwn bool) report.Page {
	a := m.Analysis
	p := report.Page{Title: fmt.Sprintf("%s: %s of %s", m.Charter.Study, a.Name, a.Trait)}
	about := report.Section{Title: "Analysis", Rows: []report.Row{
		{Key: "Identifier", Value: m.D.String()},
		{Key: "Scheme", Value: map[string]string{charter.StdErr: "inverse variance (STDERR)", charter.SampleSize: "samples and Z (SAMPLESIZE)"}[a.Scheme]},
		{Key: "Genomic control", Value: map[bool]string{true: "of each table", false: "none"}[a.GenomicControl]},
	}}
	if withoutOwn {
		about.Rows = append(about.Rows, report.Row{Key: "Left out", Value: "the own samples of " + m.Name})
	}
	for _, rule := range a.Allow {
		about.Rows = append(about.Rows, report.Row{Key: "Rule set aside", Value: rule})
	}
	p.Sections = append(p.Sections, about)
	p.Tables = append(p.Tables, per.table(len(cells) > 1))
	for _, c := range cells {
		p.Tables = append(p.Tables, m.tableOne(c))
	}
	p.Plots = append(m.comparisons(cells), m.cardPlots(cells)...)
	return p
}

// perVariant is the number of samples of each variant, by its number of sites.
type perVariant map[int][]int32

func (v *perVariant) add(t *meta.Total) {
	if *v == nil {
		*v = perVariant{}
	}
	(*v)[t.Sites] = append((*v)[t.Sites], int32(min(t.Samples, math.MaxInt32)))
}

// table has a row for each number of sites, where that was added up, and one for all.
func (v perVariant) table(together bool) report.Table {
	t := report.Table{Title: "Sites and N of the variants", Header: []string{"Sites", "Variants", "N, least", "25 %", "Median", "75 %", "N, most"}}
	if together {
		t.Note = "A site counts once for each cell."
	}
	var all []int32
	row := func(name string, n []int32) {
		slices.Sort(n)
		cells := []string{name, strconv.Itoa(len(n))}
		for q := range 5 {
			cells = append(cells, strconv.Itoa(int(n[(len(n)-1)*q/4])))
		}
		t.Rows = append(t.Rows, cells)
	}
	for _, sites := range slices.Sorted(maps.Keys(v)) {
		all = append(all, v[sites]...)
		if sites > 0 {
			row(strconv.Itoa(sites), v[sites])
		}
	}
	if len(all) > 0 {
		row("any", all)
	}
	return t
}

// tableOne is what the sites of a cell declared of their tables, a column each.
func (m *metaAnalysis) tableOne(c int) report.Table {
	cell := &m.Analysis.Cells[c]
	t := report.Table{Title: "Table 1"}
	if len(m.Analysis.Cells) > 1 {
		t.Title += ", cell " + cell.Name
	}
	var cards []meta.Card
	rows := [][]string{{"Cohort"}, {"Software"}, {"Panel"}, {"Covariates"}, {"λ, as the scheme has it"}}
	for _, site := range cell.Sites {
		d := m.declared[site].Cells[cell.Name]
		cards = append(cards, d.Card)
		for i, text := range []string{d.Cohort, d.Software, d.Panel, strings.Join(d.Covariates, ", "), fmt.Sprintf("%.4f", d.Lambda)} {
			rows[i] = append(rows[i], cmp.Or(text, "–"))
		}
	}
	table := meta.CardTable(cell.Sites, cards)
	t.Header, t.Rows = table[0], append(rows, table[1:]...)
	if len(m.said) == 0 {
		return t
	}
	slope, null := []string{"Effects on those of the others"}, []string{"z at null variants, correlation"}
	for _, site := range cell.Sites {
		s, n := "NA", "NA"
		if said := m.said[site]; said != nil {
			s, n = slopeText(said.Slope.Value, said.Slope.SE), slopeText(said.Null.Value, said.Null.SE)
		}
		slope, null = append(slope, s), append(null, n)
	}
	t.Rows = append(t.Rows, slope, null)
	if len(m.Analysis.Cells) > 1 {
		t.Note = "Effects and z are those of the site's tables of all cells."
	}
	return t
}

// comparisons are plots of how each site compares with the others, none where there was no
// calibration.
func (m *metaAnalysis) comparisons(cells []int) []report.Plot {
	slope := report.Intervals{Axis: "Slope ± SE", Reference: 1, Min: -2, Max: 4}
	null := report.Intervals{Axis: "Correlation ± SE", Min: -1, Max: 1}
	for _, site := range m.Analysis.Sites {
		here := func(c int) bool { return slices.Contains(m.Analysis.Cells[c].Sites, site) }
		if said := m.said[site]; said != nil && slices.ContainsFunc(cells, here) {
			slope.Rows = append(slope.Rows, report.IntervalRow{Name: site, Values: []report.Interval{report.PlusMinus(said.Slope.Value, said.Slope.SE)}})
			null.Rows = append(null.Rows, report.IntervalRow{Name: site, Values: []report.Interval{report.PlusMinus(said.Null.Value, said.Null.SE)}})
		}
	}
	return []report.Plot{
		{Title: "Effects on those of the others", Figure: slope.Figure(), Note: "At variants of known effect. Near 1 where sites agree, and less by the noise of the others; below 0 where a trait is coded the other way round."},
		{Title: "z at null variants", Figure: null.Figure(), Note: "Correlation with the others. Above 0 where samples are at both."},
	}
}

// cardPlots are plots of what cards have.
func (m *metaAnalysis) cardPlots(cells []int) []report.Plot {
	var (
		pz     = report.Intervals{Axis: "Slope of |z| of P on |β/SE|", Reference: 1, Min: 0, Max: 2}
		lambda = report.Intervals{Axis: "λ", Reference: 1, Min: 0, Max: 4}
		sen    = report.Intervals{Axis: "Observed ÷ expected", Reference: 1, Min: 0, Max: 3}
		af     = report.Shares{Axis: "Variants"}
		limits []int // of the classes of frequencies, in bins of the card
	)
	steps := len(meta.Card{}.AFDifference)
	for _, share := range []int{0, 1, 2, 4} { // twentieths
		limits = append(limits, share*steps/20)
	}
	af.Classes = []string{"below 0.05", "0.05 to 0.1", "0.1 to 0.2", "from 0.2"}
	for _, c := range cells {
		cell := &m.Analysis.Cells[c]
		for _, site := range cell.Sites {
			name := site
			if len(cells) > 1 {
				name += ", " + cell.Name
			}
			card := m.declared[site].Cells[cell.Name].Card
			add := func(p *report.Intervals, values ...float64) {
				row := report.IntervalRow{Name: name}
				for _, v := range values {
					row.Values = append(row.Values, report.Only(v))
				}
				p.Rows = append(p.Rows, row)
			}
			add(&pz, card.PZ)
			add(&lambda, card.Lambda[:]...)
			add(&sen, card.SEN/m.expectedSEN(&card))
			shares := report.ShareRow{Name: name}
			for k, from := range limits {
				to := steps
				if k+1 < len(limits) {
					to = limits[k+1]
				}
				sum := 0.0
				for _, share := range card.AFDifference[from:to] {
					sum += share
				}
				shares.Shares = append(shares.Shares, sum)
			}
			af.Rows = append(af.Rows, shares)
		}
	}
	// The names of the bins of frequencies are those of the card's table.
	for _, row := range meta.CardTable(nil, nil) {
		if name, is := strings.CutPrefix(row[0], "λ, "); is {
			lambda.Series = append(lambda.Series, name)
		}
	}
	return []report.Plot{
		{Title: "Standard errors against P", Figure: pz.Figure(), Note: "1 where the standard errors fit P."},
		{Title: "λ by minor allele frequency", Figure: lambda.Figure(), Note: "Median χ² of each table, over that without effects."},
		{Title: "Standard errors against N", Figure: sen.Figure(), Note: "SE·√(2f(1−f)N), over what the trait's standard deviation or the share of cases gives. Far from 1 where a trait is in another unit, or numbers of samples are wrong."},
		{Title: "Allele frequencies against the list", Figure: af.Figure(), Note: "Variants by the distance of the table's frequency from that of the list."},
	}
}

// expectedSEN is what a card's SEN should be, NaN where that is not known.
func (m *metaAnalysis) expectedSEN(c *meta.Card) float64 {
	switch {
	case m.study.Scheme != meta.StdErr:
		return math.NaN()
	case m.study.ResidualSD > 0:
		return m.study.ResidualSD
	}
	return c.SENExpected
}
