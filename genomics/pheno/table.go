// Package pheno reads files of traits, covariates and lists of samples, by the rules of
// PLINK 2.
//
// A table is text, plain or compressed. Its columns are separated by tabs or spaces, or by
// commas if commas separate the header's. Its header begins with #IID, #FID IID, #IID SID
// or #FID IID SID (the # may be left out), perhaps with PAT MAT after it as in a .psam
// file, and names the other columns. Lines before it that
// begin with # are comments. Samples are matched by IID alone, as with PLINK 2's
// "iid-only", because VCF files have no families. FID, SID, PAT and MAT are ignored.
//
// A table without a header whose name ends in .fam, or .fam.gz, is that of a PLINK 1 fileset. Its last
// column is the phenotype PHENO1, as PLINK 2 calls it.
//
// A value is a decimal number or missing. Missing values are NA and nan, in any mixture of
// capitals, and -9 however it is written. This holds for every column, including
// quantitative traits and covariates, and is PLINK 2's default. A point or any other text
// is an error, not a missing value. A case/control column also takes 0 as missing, see
// [Table.CaseControl]. Only covariates may be text, see [Table.Covariate].
//
// The package is stricter than PLINK 2. These are errors: a line with too many fields, a
// number with something after it (1e), and text in the line of a sample that is not
// analysed.
package pheno

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/genomics/text"
)

// A Table is a phenotype or covariate file. Values are parsed when a column is
// asked for, so that columns of text do no harm until then.
type Table struct {
	file    string
	ids     []string // header names of the leading ID columns, without #
	columns []string
	rows    []row
	byIID   map[string]int // index into rows
}

// A row is one sample's line. Parsing has made sure that it has as many fields
// as the header.
type row struct {
	text string
	line int
}

// Read reads the table in the file path, plain or compressed. An error names the
// file and the line: no header, a wrong number of fields, a sample or a column
// that comes twice, no samples, a damaged file.
func Read(path string) (*Table, error) {
	l, err := text.Open(path, maxLine, tableKind)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return parse(l)
}

// A .fam file has no header.
const (
	famSuffix  = ".fam"
	famColumns = 6
)

// isFam reports whether a file is a .fam file by its name, compressed or not.
func isFam(name string) bool {
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	return strings.HasSuffix(name, famSuffix)
}

// tableKind is what the file is in errors.
const tableKind = "a table of traits or covariates"

// Columns returns the names of the value columns in the order of the file.
func (t *Table) Columns() []string { return slices.Clone(t.columns) }

func parse(in *text.Lines) (*Table, error) {
	l := &lines{Lines: in}
	file := l.Name()
	header, ok := l.header()
	if err := l.failed(); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s: the file is empty; its first line must be a header such as \"#IID CASE\"", file)
	}
	t := &Table{file: file, byIID: map[string]int{}}
	line := ""
	if isFam(file) && countFields(header) == famColumns && !namesSample(header) {
		t.ids, t.columns = []string{"FID", "IID", "PAT", "MAT", "SEX"}, []string{"PHENO1"}
		line = header
	} else if err := t.parseHeader(l, header); err != nil {
		return nil, err
	} else {
		line, ok = l.next()
	}
	width := len(t.ids) + len(t.columns)
	for ; ok; line, ok = l.next() {
		if line[0] == '#' {
			return nil, l.Errorf("line begins with # after the header; comments must come before it")
		}
		if n := countFields(line); n != width {
			return nil, l.Errorf("%d fields where the header has %d", n, width)
		}
		if err := t.add(l, row{line, l.Number()}); err != nil {
			return nil, err
		}
	}
	if err := l.failed(); err != nil {
		return nil, err
	}
	if len(t.rows) == 0 {
		return nil, fmt.Errorf("%s: the file has a header but no samples", file)
	}
	return t, nil
}

func (t *Table) parseHeader(l *lines, header string) error {
	if !namesSample(header) && strings.HasPrefix(header, "ID_1 ID_2 ") {
		return l.Errorf("the header is that of a .sample file; leave out the line of types below it and name the first columns FID and IID, as sed '2d; 1s/ID_1 ID_2/#FID IID/' does")
	}
	if !namesSample(header) {
		return l.Errorf("no header; the first line must name the columns, separated by tabs, spaces or commas, "+
			"and to begin with #IID or #FID IID; this one begins with %.40q", header)
	}
	names := strings.FieldsFunc(strings.TrimPrefix(header, "#"), func(r rune) bool { return r == ' ' || r == '\t' })
	n := slices.Index(names, "IID") + 1
	if n == 0 || n > 2 {
		return l.Errorf("the column after FID must be IID")
	}
	if n < len(names) && names[n] == "SID" {
		n++
	}
	if n+1 < len(names) && names[n] == "PAT" && names[n+1] == "MAT" { // a .psam file
		n += 2
	}
	t.ids, t.columns = names[:n], names[n:]
	if len(t.columns) == 0 {
		return l.Errorf("the header names no column besides the sample IDs")
	}
	seen := map[string]bool{}
	for _, name := range t.columns {
		switch name {
		case "FID", "IID", "SID", "PAT", "MAT":
			return l.Errorf("%s cannot be the name of a phenotype or covariate", name)
		}
		if seen[name] {
			return l.Errorf("two columns are named %.40q; rename one", name)
		}
		seen[name] = true
	}
	return nil
}

// add appends a row, unless its IID is in the table already.
func (t *Table) add(l *lines, r row) error {
	iid := t.id(r, "IID")
	if at, ok := t.byIID[iid]; ok {
		first := t.rows[at]
		for _, kind := range []string{"FID", "SID"} {
			if a, b := t.id(first, kind), t.id(r, kind); a != b {
				return l.Errorf("sample %.40q was in line %d with %s %.40q and is here with %.40q; "+
					"samples are matched by IID alone, so every IID may occur in one line only",
					iid, first.line, kind, a, b)
			}
		}
		return l.Errorf("sample %.40q was in line %d already", iid, first.line)
	}
	t.byIID[iid] = len(t.rows)
	t.rows = append(t.rows, r)
	return nil
}

// id returns the row's field in the ID column of the given kind, "" where the
// table has no such column.
func (t *Table) id(r row, kind string) string {
	n := slices.Index(t.ids, kind)
	if n < 0 {
		return ""
	}
	return r.field(n)
}

// field returns the n-th field of the row, from 0.
func (r row) field(n int) string {
	field, rest := cutField(r.text)
	for range n {
		field, rest = cutField(rest)
	}
	return field
}
