package report

import "html/template"

// Bounds of what a page's tables and figures have of texts, which may be somebody else's.
const (
	titleChars = 160
	noteChars  = 600
	nameChars  = 40  // of a column or a row
	cellChars  = 240 // of a cell of a table
)

// A Table is plain text in columns, under a heading. The first column says what a row is.
// What is too long for its place loses its middle.
type Table struct {
	Title  string
	Header []string
	Rows   [][]string // a short row ends in empty cells; what exceeds the header is left out
	Note   string     // below the table
}

// A Plot is a figure with a heading and a note below it. One without shapes, such as that
// of Intervals without a value, is left out of a page.
type Plot struct {
	Title  string
	Figure Figure
	Note   string
}

// sheetView is a Table as it is shown.
type sheetView struct {
	Title, Note string
	Header      []string
	Rows        []sheetRow
}

type sheetRow struct {
	Name  string
	Cells []string
}

func (t *Table) view() sheetView {
	v := sheetView{Title: printable(t.Title, titleChars), Note: printable(t.Note, noteChars)}
	for _, name := range t.Header {
		v.Header = append(v.Header, printable(name, nameChars))
	}
	for _, row := range t.Rows {
		cells := make([]string, len(v.Header))
		for i, text := range row[:min(len(row), len(cells))] {
			cells[i] = printable(text, cellChars)
		}
		if len(cells) > 0 {
			v.Rows = append(v.Rows, sheetRow{cells[0], cells[1:]})
		}
	}
	return v
}

// plotView is a Plot as it is shown.
type plotView struct {
	Title, Note string
	Figure      template.HTML
}

func plotViews(plots []Plot) (views []plotView) {
	for i := range plots {
		p := &plots[i]
		if len(p.Figure.shapes) > 0 {
			views = append(views, plotView{printable(p.Title, titleChars), printable(p.Note, noteChars), p.Figure.inline()})
		}
	}
	return views
}
