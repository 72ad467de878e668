package computation

import (
	"fmt"
	"io"
	"math"

	"genoveil/genomics/meta"
	"genoveil/genomics/report"
	"genoveil/pipeline/atomicfile"
	"genoveil/pipeline/study/protocol"
)

// Result writes a table of each cell and, where there are several, of all together: in
// METAL's columns, for LD score regression and risk scores, and in GWAS-SSF; and a page.
func (m *metaAnalysis) Result(prefix string, total *protocol.Vector, withoutOwn bool) (*Result, error) {
	if withoutOwn && !m.contributor() {
		return nil, fmt.Errorf("%s has no samples of its own in it; leave out --minus-own", m.Name)
	}
	r := &Result{}
	cells := m.Analysis.Cells
	for c := range cells {
		out := prefix
		if len(cells) > 1 {
			out += "." + cells[c].Name
		}
		if err := m.write(r, out, total, []int{c}, withoutOwn); err != nil {
			return nil, err
		}
	}
	if len(cells) > 1 {
		var all []int
		for c := range cells {
			all = append(all, c)
		}
		if err := m.write(r, prefix, total, all, withoutOwn); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// A metaTable is a file that is being written.
type metaTable struct {
	path   string
	file   *atomicfile.File
	writer *meta.Writer
}

func openTable(path string, begin func(w io.Writer) (*meta.Writer, error)) (t metaTable, err error) {
	t.path = path
	if t.file, err = atomicfile.Create(path, 0o666); err != nil {
		return t, err
	}
	if t.writer, err = begin(t.file); err != nil {
		t.file.Abort()
	}
	return t, err
}

// write writes the tables of some cells together.
func (m *metaAnalysis) write(r *Result, prefix string, total *protocol.Vector, cells []int, withoutOwn bool) (err error) {
	formats := []struct {
		suffix string
		begin  func(w io.Writer) (*meta.Writer, error)
	}{
		{".tbl", func(w io.Writer) (*meta.Writer, error) { return meta.NewMETALWriter(w, &m.study) }},
		{".ldsc.tsv", func(w io.Writer) (*meta.Writer, error) { return meta.NewLDSCWriter(w, &m.study) }},
	}
	if m.study.Scheme == meta.StdErr && !m.study.Core {
		formats = append(formats, struct {
			suffix string
			begin  func(w io.Writer) (*meta.Writer, error)
		}{".ssf.tsv", func(w io.Writer) (*meta.Writer, error) { return meta.NewSSFWriter(w, &m.study, meta.GRCh38) }})
	}
	var tables []metaTable
	defer func() {
		for _, t := range tables {
			t.file.Abort()
		}
	}()
	for _, f := range formats {
		t, err := openTable(prefix+f.suffix, f.begin)
		if err != nil {
			return err
		}
		tables = append(tables, t)
	}
	var scan report.Scan
	var per perVariant
	rows := 0
	err = m.each(total, cells, withoutOwn, func(row *meta.Row) error {
		rows++
		per.add(&row.Total)
		scan.Add(report.Result{
			Chrom: string(row.Variant.Chrom), Pos: max(row.Variant.Pos38, 0), ID: row.Variant.ID, A1: row.Variant.Alt,
			A1Freq: row.Result.Freq, Effect: row.Result.Effect, SE: row.Result.StdErr, LogP: row.Result.LogP,
			N: row.Total.Samples, Sites: row.Total.Sites,
		})
		for _, t := range tables {
			if err := t.writer.Write(row); err != nil {
				return fmt.Errorf("%s: %w", t.path, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if rows == 0 {
		r.Warnings = append(r.Warnings, prefix+": no variant is left, and no table was written")
		return nil
	}
	for _, t := range tables {
		if err := t.writer.Flush(); err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
		if n := t.writer.Omitted(); n > 0 {
			r.Warnings = append(r.Warnings, fmt.Sprintf("%s leaves out %d variants, which have no place in its format", t.path, n))
		}
		if err := r.commit(t.path, t.file); err != nil {
			return err
		}
	}
	r.Lines = append(r.Lines, fmt.Sprintf("%s: %d variants, λ = %.4f", prefix, rows, scan.Lambda()))
	return writeNew(r, prefix+".html", func(w io.Writer) error { return scan.WritePage(w, m.page(cells, &per, withoutOwn)) })
}

// each calls write for the variants that some of the cells have, in the order of the list.
func (m *metaAnalysis) each(total *protocol.Vector, cells []int, withoutOwn bool, write func(*meta.Row) error) error {
	l, err := m.any()
	if err != nil {
		return err
	}
	var sections []*section
	for _, c := range cells {
		s, err := m.section(total, c, withoutOwn)
		if err != nil {
			return err
		}
		sections = append(sections, s)
	}
	for i := range int32(l.Len()) {
		var sum meta.Total
		for _, s := range sections {
			t, err := s.total(i)
			if err != nil {
				return err
			}
			sum = sum.Plus(&t)
		}
		if sum.Samples == 0 || !(sum.W > 0) {
			continue
		}
		row := meta.Row{Variant: l.Variant(int(i)), Total: sum, Result: m.study.Result(&sum)}
		if err := write(&row); err != nil {
			return err
		}
	}
	return nil
}

// Check looks whether the total of the association, less this site's own part, is one that
// the other sites can have.
func (m *metaAnalysis) Check(total *protocol.Vector) error {
	if m.stage != association {
		return nil
	}
	for c := range m.Analysis.Cells {
		s, err := m.section(total, c, m.contributes(&m.Analysis.Cells[c]))
		if err != nil {
			return err
		}
		for _, v := range m.chosen[c] {
			if _, err := s.total(v); err != nil {
				return fmt.Errorf("the total without this site: %w", err)
			}
		}
	}
	return nil
}

// A section reads the totals of one cell, variant after variant.
type section struct {
	*metaAnalysis
	from  *protocol.Vector
	cell  int
	start int // element of the total
	list  *meta.List
	own   bool // to be taken off

	at    int // the next of the chosen variants
	first int // of those in words
	words []uint64
}

func (m *metaAnalysis) section(total *protocol.Vector, cell int, withoutOwn bool) (*section, error) {
	s := &section{metaAnalysis: m, from: total, cell: cell, own: withoutOwn}
	for c := range cell {
		s.start += len(m.chosen[c]) * len(m.study.Words())
	}
	var err error
	s.list, err = m.list(m.Analysis.Cells[cell].Ancestry)
	return s, err
}

// total is the cell's total of a variant, which is none where it is not chosen.
func (s *section) total(variant int32) (t meta.Total, err error) {
	chosen, width := s.chosen[s.cell], len(s.study.Words())
	if s.at == len(chosen) || chosen[s.at] != variant {
		return t, nil
	}
	if s.at >= s.first+len(s.words)/width {
		if err := s.read(width); err != nil {
			return t, err
		}
	}
	words, af := s.words[(s.at-s.first)*width:][:width], s.list.AF(int(variant))
	if s.squares[s.cell][s.at] {
		t, err = s.study.Decode(words, af)
	} else {
		t, err = s.study.DecodeWithoutSquares(words, af)
	}
	s.at++
	if err != nil {
		return t, fmt.Errorf("cell %s, variant %s: %w", s.Analysis.Cells[s.cell].Name, s.list.Variant(int(variant)).ID, err)
	}
	return t, nil
}

// read reads the words of the variants that follow.
func (s *section) read(width int) error {
	s.first = s.at
	n := min(len(s.chosen[s.cell])-s.at, readLen/width)
	s.words = make([]uint64, n*width)
	at := s.start + s.at*width
	if err := s.from.Read(at, s.words); err != nil || !s.own {
		return err
	}
	own := make([]uint64, len(s.words))
	if err := s.writeAssociation(at, own); err != nil {
		return err
	}
	for i := range own {
		s.words[i] -= own[i]
	}
	return nil
}

func slopeText(value, se float64) string {
	switch {
	case math.IsNaN(value):
		return "NA"
	case math.IsNaN(se):
		return fmt.Sprintf("%.3f ± NA", value)
	}
	return fmt.Sprintf("%.3f ± %.3f", value, se)
}
