package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// topLoci is the number of loci in the page's table.
const topLoci = 20

// A Page is what the HTML report says besides the results themselves: sections, then
// tables, then plots.
type Page struct {
	Title    string
	Sections []Section
	Tables   []Table
	Plots    []Plot
}

// A Section is a list under a heading, such as what was filtered and why, the
// parameters, the timings, or who saw what.
type Section struct {
	Title string
	Rows  []Row
}

// A Row is a name and what it stands for, as plain text.
type Row struct{ Key, Value string }

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// WritePage writes the scan as one HTML page with both plots, λ, the 20
// strongest loci, what was skipped, and what p has. The page is complete
// in itself: it asks nothing of the network and runs no script. The same scan
// and p make the same page.
func (s *Scan) WritePage(w io.Writer, p Page) error {
	view := pageView{
		Title:    p.Title,
		Lambda:   lambdaText(s.Lambda()),
		Figures:  make(map[string]template.HTML),
		Loci:     lociView(s.Loci(topLoci)),
		Sections: append([]Section{s.variants()}, p.Sections...),
		Plots:    plotViews(p.Plots),
		Variants: count(s.Len()),
		Hits:     count(s.reaching(genomeWide)),
	}
	for i := range p.Tables {
		view.Sheets = append(view.Sheets, p.Tables[i].view())
	}
	for _, l := range view.Loci {
		view.HasN, view.HasSites = view.HasN || l.N != "", view.HasSites || l.Sites != ""
	}
	for name, figure := range map[string]Figure{
		"wide":   s.manhattan(720, 320, 12),
		"narrow": s.manhattan(250, 240, 5),
		"qq":     s.qq(250),
	} {
		view.Figures[name] = figure.inline()
	}
	return pageTemplate.Execute(w, view)
}

type pageView struct {
	Title, Lambda, Variants, Hits string
	Figures                       map[string]template.HTML
	Loci                          []locusView
	Sections                      []Section
	Sheets                        []sheetView
	Plots                         []plotView
	HasN, HasSites                bool // whether loci have them
}

type locusView struct {
	Name, Place, A1, Freq, Effect, SE, P string
	N, Sites                             string // "" where not known
	Hit                                  bool
}

func lociView(leads []Result) []locusView {
	var loci []locusView
	for _, r := range leads {
		loci = append(loci, locusView{
			Name:   printable(r.name(), 40),
			Place:  printable(fmt.Sprintf("%s:%d", r.Chrom, r.Pos), 40),
			A1:     printable(cmp.Or(r.A1, "–"), 12),
			Freq:   number(r.A1Freq),
			Effect: number(r.Effect),
			SE:     number(r.SE),
			P:      formatP(r.LogP),
			N:      known(r.N),
			Sites:  known(r.Sites),
			Hit:    r.LogP >= genomeWide,
		})
	}
	return loci
}

// known prints a number that is 0 where it is not known.
func known(n int) string {
	if n <= 0 {
		return ""
	}
	return count(n)
}

// variants is the section that the scan itself can fill.
func (s *Scan) variants() Section {
	rows := []Row{
		{"Results with a p-value", count(s.Len())},
		{"p ≤ 5e-8", count(s.reaching(genomeWide))},
		{"p ≤ 1e-5", count(s.reaching(suggestive))},
		{"Expected by chance at p ≤ 1e-5", number(float64(s.Len()) * 1e-5)},
	}
	for _, reason := range slices.Sorted(maps.Keys(s.skipped)) {
		rows = append(rows, Row{"Skipped: " + reason, count(s.skipped[reason])})
	}
	return Section{Title: "Variants", Rows: rows}
}

func lambdaText(lambda float64) string {
	switch {
	case math.IsNaN(lambda):
		return "–"
	case math.IsInf(lambda, 1):
		return "∞"
	}
	return strconv.FormatFloat(lambda, 'f', 3, 64)
}

// number prints a value with four digits, and a dash for NaN.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0):
		return strings.Replace(strconv.FormatFloat(v, 'g', 4, 64), "Inf", "∞", 1)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// count prints n ≥ 0 with a comma every three digits.
func count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
