package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"genoveil/genomics/text"
)

// The names of the columns that are read, by what they hold. The names of a
// row are those of PLINK 1.9, PLINK 2, REGENIE and GWAS-SSF; where a header
// has several of them, the first one counts.
var columnNames = [columns][]string{
	chromColumn:  {"CHR", "#CHROM", "CHROM", "chromosome"},
	posColumn:    {"BP", "POS", "GENPOS", "base_pair_location"},
	idColumn:     {"SNP", "ID", "rsid", "rs_id", "variant_id"},
	a1Column:     {"A1", "ALLELE1", "effect_allele"},
	freqColumn:   {"A1_FREQ", "A1FREQ", "effect_allele_frequency"},
	betaColumn:   {"BETA", "beta"},
	oddsColumn:   {"OR", "odds_ratio"},
	seColumn:     {"SE", "LOG(OR)_SE", "standard_error"},
	testColumn:   {"TEST"},
	pColumn:      {"P", "p_value"},
	logPColumn:   {"LOG10_P", "LOG10P", "neg_log_10_p_value"},
	reasonColumn: {"ERRCODE"},
}

const (
	chromColumn = iota
	posColumn
	idColumn
	a1Column
	freqColumn
	betaColumn
	oddsColumn
	seColumn
	testColumn
	pColumn
	logPColumn
	reasonColumn
	columns
)

// maxLine is the longest line of a table in bytes. Alleles may be long.
const maxLine = 1 << 20

// AddFile adds the results in a table, plain or compressed, of PLINK 1.9 (.assoc
// and the like), PLINK 2 (.glm.*), REGENIE or the GWAS Catalog (GWAS-SSF). It
// knows columns by the names in the header: chromosome, position and p-value
// have to be there. Odds ratios are taken as their logarithm, the effect.
//
// Where a variant has rows for several tests (column TEST), those of the test
// that the first row names are read; INTERCEPT is none. Rows of other tests and
// rows without a p-value or a place are counted as skipped.
//
// An error names the file and the line. After one the scan holds a part of the
// file.
//
// Several files are parts of one result, such as its chromosomes. It is an error if two have
// results from the same stretch of a chromosome.
func (s *Scan) AddFile(path string) error {
	lines, err := text.Open(path, maxLine, kind)
	if err != nil {
		return err
	}
	defer lines.Close()
	before := map[*chromosome]int{}
	for _, c := range s.chroms {
		before[c] = len(c.pos)
	}
	if err := s.addTable(lines); err != nil {
		return err
	}
	return s.checkParts(path, before)
}

// kind is what a table is in errors.
const kind = "a table of association results"

func (s *Scan) addTable(lines *text.Lines) error {
	t := &table{lines: lines}
	if err := t.readHeader(); err != nil {
		return err
	}
	for t.next() {
		if err := t.addRow(s); err != nil {
			return err
		}
	}
	return t.err
}

// A table is a table of results while it is read.
type table struct {
	lines  *text.Lines
	err    error // that ended the reading before the end of the file
	tabs   bool
	names  []string
	where  [columns]int // index of each column, -1 where there is none
	ids    []int        // indexes of all columns of IDs, the best first
	fields []string     // of the current line
	test   string       // the test that is read
}

// next goes to the next line that is not blank and splits it.
func (t *table) next() bool {
	for {
		line, err := t.lines.Next()
		if err != nil {
			if err != io.EOF {
				t.err = err
			}
			return false
		}
		if len(bytes.TrimSpace(line)) > 0 {
			t.split(string(line))
			return true
		}
	}
}

// split splits a line: at tabs where the header has any, as fields may be
// empty then, else at blanks, with which PLINK 1.9 aligns its columns.
func (t *table) split(line string) {
	t.fields = t.fields[:0]
	if t.tabs {
		for field := range strings.SplitSeq(line, "\t") {
			t.fields = append(t.fields, field)
		}
		return
	}
	for field := range strings.FieldsSeq(line) {
		t.fields = append(t.fields, field)
	}
}

// readHeader reads the first line that is no ## comment.
func (t *table) readHeader() error {
	t.tabs = true
	for t.next() && strings.HasPrefix(t.fields[0], "##") {
	}
	if len(t.fields) == 0 || strings.HasPrefix(t.fields[0], "##") {
		if t.err != nil {
			return t.err
		}
		return fmt.Errorf("%s: the file is empty; expected a table of association results", t.lines.Name())
	}
	if len(t.fields) == 1 {
		t.tabs = false
		t.split(t.fields[0])
	}
	t.names = slices.Clone(t.fields)
	t.ids = nil
	for _, name := range columnNames[idColumn] {
		if i := slices.Index(t.names, name); i >= 0 {
			t.ids = append(t.ids, i)
		}
	}
	for column, names := range columnNames {
		t.where[column] = -1
		for _, name := range slices.Backward(names) {
			if i := slices.Index(t.names, name); i >= 0 {
				t.where[column] = i
				if slices.Contains(t.names[i+1:], name) {
					return t.errorf("two columns are named %s; rename one", name)
				}
			}
		}
	}
	for _, needed := range []int{chromColumn, posColumn} {
		if t.where[needed] < 0 {
			return t.errorf("no column %s; the first line must be the header of a table of association results",
				strings.Join(columnNames[needed], " or "))
		}
	}
	if t.where[pColumn] < 0 && t.where[logPColumn] < 0 {
		return t.errorf("no column %s", strings.Join(slices.Concat(columnNames[pColumn], columnNames[logPColumn]), " or "))
	}
	return nil
}

// addRow adds the current line to the scan.
func (t *table) addRow(s *Scan) error {
	if slices.Equal(t.fields, t.names) {
		s.skip("the header again") // of tables that were joined end to end
		return nil
	}
	if len(t.fields) != len(t.names) {
		return t.errorf("%d fields where the header has %d; the file may be cut off or edited", len(t.fields), len(t.names))
	}
	if test := t.field(testColumn); t.where[testColumn] >= 0 && test != t.test {
		if t.test != "" || test == "INTERCEPT" {
			s.skip("row of a different test")
			return nil
		}
		t.test = strings.Clone(test)
	}
	logP, err := t.logP()
	if err != nil {
		return err
	}
	if math.IsNaN(logP) {
		reason := "no p-value"
		if code := t.field(reasonColumn); !text.Missing(code) {
			reason += " (" + code + ")"
		}
		s.skip(reason)
		return nil
	}
	if text.Missing(t.field(chromColumn)) || text.Missing(t.field(posColumn)) {
		s.skip("no chromosome or position")
		return nil
	}
	r := Result{Chrom: t.field(chromColumn), ID: t.id(), A1: t.field(a1Column), LogP: logP}
	if r.Pos, err = strconv.Atoi(t.field(posColumn)); err != nil || r.Pos < 0 || r.Pos > math.MaxUint32 {
		return t.columnError(posColumn, "not a position")
	}
	if r.A1Freq, err = t.number(freqColumn); err != nil {
		return err
	}
	if r.SE, err = t.number(seColumn); err != nil {
		return err
	}
	if r.Effect, err = t.effect(); err != nil {
		return err
	}
	s.Add(r)
	return nil
}

// id is the first ID that is not missing.
func (t *table) id() string {
	for _, i := range t.ids {
		if id := t.fields[i]; !text.Missing(id) {
			return id
		}
	}
	return ""
}

func (t *table) logP() (float64, error) {
	column, parse := pColumn, parseP
	if t.where[pColumn] < 0 {
		column, parse = logPColumn, parseLogP
	}
	v, err := parse(t.field(column))
	if err != nil {
		return 0, t.columnError(column, err.Error())
	}
	return v, nil
}

// effect returns β, which is the logarithm of an odds ratio.
func (t *table) effect() (float64, error) {
	if t.where[betaColumn] >= 0 {
		return t.number(betaColumn)
	}
	odds, err := t.number(oddsColumn)
	if err == nil && odds < 0 {
		err = t.columnError(oddsColumn, "not an odds ratio")
	}
	return math.Log(odds), err
}

// number returns the value in a column, NaN where it is missing or there is no
// such column.
func (t *table) number(column int) (float64, error) {
	field := t.field(column)
	if text.Missing(field) {
		return math.NaN(), nil
	}
	v, ok := text.Number(field)
	if !ok {
		return 0, t.columnError(column, "not a number")
	}
	return v, nil
}

// field returns the text of a column in the current line, "" where the table
// has no such column.
func (t *table) field(column int) string {
	if i := t.where[column]; i >= 0 {
		return t.fields[i]
	}
	return ""
}

func (t *table) columnError(column int, problem string) error {
	return t.errorf("%s is %.40q, which is %s", t.names[t.where[column]], t.field(column), problem)
}

func (t *table) errorf(format string, args ...any) error { return t.lines.Errorf(format, args...) }
