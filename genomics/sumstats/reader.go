package sumstats

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"genoveil/genomics/text"
)

// maxLine bounds a line. The alleles of a long deletion are the longest that a table has.
const maxLine = 1 << 20

// kind is what a file should be, in errors.
const kind = "a table of summary statistics"

// Options say how a table is read.
type Options struct {
	// Columns names the columns of a table that no known program wrote. Nil has the program
	// recognised.
	Columns *Columns

	// SEFromP takes the standard error from the effect and P, in place of the table's own:
	// |β| ÷ |Z| with the Z of P. REGENIE's Firth test has a P of a likelihood ratio, which the
	// standard error beside it does not fit, unless it was run with --firth-se.
	SEFromP bool

	// N and Cases are the numbers of the whole table, for rows that do not have them; 0 where
	// they are not known. A row with a number of samples alone has the same share of cases.
	N, Cases int
}

// A Reader reads the rows of a table.
type Reader struct {
	lines   *text.Lines
	options Options
	layout  layout
	at      places
	tabs    bool // whether columns stand between single tabs
	header  []string
	fields  []string
	rows    int
	skipped map[string]int
}

// places are those of the columns, −1 for what is not there.
type places struct {
	chrom, pos, id, effect, other, beta, ratio, se, stat, lower, upper, p, logP, logP0 int
	n, cases, controls, eaf, eafCases, eafControls, info                               int
	test, fail, ref, alt, htpInfo                                                      int
}

// Open opens a table and reads its header.
func Open(path string, options Options) (*Reader, error) {
	lines, err := text.Open(path, maxLine, kind)
	if err != nil {
		return nil, err
	}
	r, err := newReader(lines, options)
	if err != nil {
		lines.Close()
		return nil, err
	}
	return r, nil
}

// NewReader reads a table from data; name stands for it in errors.
func NewReader(name string, data io.Reader, options Options) (*Reader, error) {
	return newReader(text.NewLines(name, data, maxLine, kind), options)
}

func newReader(lines *text.Lines, options Options) (*Reader, error) {
	r := &Reader{lines: lines, options: options, skipped: map[string]int{}}
	for {
		line, err := lines.Next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s: no header; the first line of %s names its columns", lines.Name(), kind)
		}
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(line, []byte("##")) || len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		r.tabs = bytes.IndexByte(line, '\t') >= 0
		r.header = slices.Clone(r.split(string(line)))
		break
	}
	if options.Columns != nil {
		r.layout = layout{program: "named columns", columns: *options.Columns}
	} else {
		var ok bool
		if r.layout, ok = recognise(r.header); !ok {
			return nil, lines.Errorf("these are not the columns of a known program (%s); name the columns", programs())
		}
	}
	return r, r.locate()
}

// locate finds the columns.
func (r *Reader) locate() error {
	c := r.layout.columns
	named := r.options.Columns != nil
	for _, x := range []struct {
		to   *int
		name string
	}{
		{&r.at.chrom, c.Chrom}, {&r.at.pos, c.Pos}, {&r.at.id, c.ID}, {&r.at.effect, c.Effect}, {&r.at.other, c.Other},
		{&r.at.beta, c.Beta}, {&r.at.ratio, c.OddsRatio}, {&r.at.se, c.SE}, {&r.at.stat, c.Stat}, {&r.at.lower, c.Lower}, {&r.at.upper, c.Upper},
		{&r.at.p, c.P}, {&r.at.logP, c.LogP}, {&r.at.logP0, c.LogP0},
		{&r.at.n, c.N}, {&r.at.cases, c.Cases}, {&r.at.controls, c.Controls},
		{&r.at.eaf, c.EAF}, {&r.at.eafCases, c.EAFCases}, {&r.at.eafControls, c.EAFControls}, {&r.at.info, c.Info},
		{&r.at.test, r.layout.test}, {&r.at.fail, r.layout.fail}, {&r.at.ref, r.layout.ref}, {&r.at.alt, r.layout.alt},
	} {
		*x.to = -1
		if x.name == "" {
			continue
		}
		*x.to = find(r.header, x.name)
		if *x.to < 0 && named {
			return r.lines.Errorf("there is no column %s", x.name)
		}
		if i := *x.to; i >= 0 && slices.Contains(r.header[i+1:], r.header[i]) {
			return r.lines.Errorf("the column %s occurs twice", r.header[i])
		}
	}
	r.at.htpInfo = -1
	if r.layout.special != nil {
		r.at.htpInfo = find(r.header, "Info")
	}
	switch {
	case r.at.effect < 0:
		return r.lines.Errorf("no column of the effect allele")
	case r.at.beta < 0 && r.at.ratio < 0:
		return r.lines.Errorf("no column of the effect or odds ratio")
	case r.at.beta >= 0 && r.at.ratio >= 0 && named:
		return r.lines.Errorf("columns of an effect and of an odds ratio are named; name one")
	case (r.at.pos < 0 || r.at.chrom < 0) && r.at.id < 0:
		return r.lines.Errorf("no columns of positions or IDs, so variants cannot be found")
	case r.at.p < 0 && r.at.logP < 0 && r.at.logP0 < 0 && r.at.se < 0 && r.at.stat < 0 && r.at.lower < 0:
		return r.lines.Errorf("no column of a standard error or P")
	}
	return nil
}

// Close closes the file.
func (r *Reader) Close() error { return r.lines.Close() }

// Program is the program that wrote the table, as its header shows.
func (r *Reader) Program() string { return r.layout.program }

// Positions says whether the table has chromosomes and positions. Otherwise variants are
// known by their IDs alone.
func (r *Reader) Positions() bool { return r.at.chrom >= 0 && r.at.pos >= 0 }

// Rows is the number of rows read so far, with those that were left out.
func (r *Reader) Rows() int { return r.rows }

// Skipped counts the rows that were left out so far, by reason.
func (r *Reader) Skipped() map[string]int { return r.skipped }

// Next reads the next row that is not left out, or returns io.EOF.
func (r *Reader) Next(row *Row) error {
	for {
		line, err := r.lines.Next()
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		// A copy, because the texts of the row outlive the line.
		if r.split(string(line)); len(r.fields) != len(r.header) {
			return r.lines.Errorf("%d columns, the header has %d", len(r.fields), len(r.header))
		}
		r.rows++
		reason, err := r.parse(row)
		if err != nil {
			return err
		}
		if reason == "" {
			return nil
		}
		r.skipped[reason]++
	}
}

// split cuts a line into fields.
func (r *Reader) split(line string) []string {
	r.fields = r.fields[:0]
	if r.tabs {
		for field := range strings.SplitSeq(line, "\t") {
			r.fields = append(r.fields, strings.TrimSpace(field))
		}
		return r.fields
	}
	r.fields = append(r.fields, strings.Fields(line)...)
	return r.fields
}

// get is the text of a column, empty where it is not there.
func (r *Reader) get(place int) string {
	if place < 0 {
		return ""
	}
	return r.fields[place]
}
