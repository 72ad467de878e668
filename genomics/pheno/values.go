package pheno

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Status is what a case/control column says of a sample.
type Status byte

const (
	Absent Status = iota // no line in the table, or a missing value
	Control
	Case
)

// A Summary counts how a case/control column fits a cohort.
type Summary struct {
	Cases, Controls, Absent int // samples of the cohort, by status

	Unused  int  // samples of the table that are not in the cohort
	ZeroOne bool // the column was read as 0 = control, 1 = case
}

// CaseControl returns the status of each of the samples (distinct IIDs) by the
// named column.
//
// The coding follows from the column's values over all lines of the file,
// missing ones (NA, nan, -9) left aside. Where they are 0 and 1, both of them
// and nothing else, 1 is a case and 0 a control, and Summary.ZeroOne says so.
// Otherwise they are PLINK's codes: 2 is a case, 1 a control, 0 missing.
//
// It is an error when the column is not there, holds another value, has only
// cases or only controls, in all or among the samples, or when none of the
// samples is in the table.
func (t *Table) CaseControl(column string, samples []string) ([]Status, Summary, error) {
	values, err := t.values(column)
	if err != nil {
		return nil, Summary{}, err
	}
	status, zeroOne, err := t.decode(column, values)
	if err != nil {
		return nil, Summary{}, err
	}
	if err := t.checkOverlap(samples); err != nil {
		return nil, Summary{}, err
	}
	out := make([]Status, len(samples))
	var count [3]int
	found := 0
	for i, sample := range samples {
		if at, ok := t.byIID[sample]; ok {
			out[i] = status[at]
			found++
		}
		count[out[i]]++
	}
	s := Summary{count[Case], count[Control], count[Absent], len(t.rows) - found, zeroOne}
	if s.Cases == 0 || s.Controls == 0 {
		return nil, Summary{}, fmt.Errorf("%s, column %.40q: the samples of the cohort include %d cases and %d controls; "+
			"a test needs both", t.file, column, s.Cases, s.Controls)
	}
	return out, s, nil
}

// decode turns the values of all rows into statuses and says whether they were
// coded 0 and 1.
func (t *Table) decode(column string, values []float64) (status []Status, zeroOne bool, err error) {
	var seen [3]bool
	for i, v := range values {
		switch {
		case math.IsNaN(v):
		case v == 0 || v == 1 || v == 2:
			seen[int(v)] = true
		default:
			return nil, false, t.errorAt(i, column, "%.40q is not a case/control code "+
				"(1 = control, 2 = case, NA = missing; or 0 = control, 1 = case); the column looks quantitative",
				t.rows[i].field(t.field(column)))
		}
	}
	zeroOne = seen[0] && seen[1] && !seen[2]
	control, affected := 1.0, 2.0
	if zeroOne {
		control, affected = 0, 1
	}
	switch {
	case zeroOne || seen[1] && seen[2]:
	case seen[1]:
		err = errors.New("only controls (the only code is 1)")
	case seen[2]:
		err = errors.New("only cases (code 2; 0 then means missing)")
	case seen[0]:
		err = errors.New("neither cases nor controls (the only code is 0, which means missing if there is no 1)")
	default:
		err = errors.New("missing values only")
	}
	if err != nil {
		return nil, false, fmt.Errorf("%s, column %.40q: %w; cases must be coded 2 and controls 1, or cases 1 and controls 0",
			t.file, column, err)
	}
	status = make([]Status, len(values))
	for i, v := range values {
		switch v {
		case control:
			status[i] = Control
		case affected:
			status[i] = Case
		}
	}
	return status, zeroOne, nil
}

// Quantitative returns the number that the named column has for each of the
// samples (distinct IIDs), NaN where the value is missing or the sample is not
// in the table. It serves quantitative traits and covariates alike.
//
// It is an error when the column is not there or holds text, in any line of
// the file, when none of the samples is in the table, and when all that are
// have missing values.
func (t *Table) Quantitative(column string, samples []string) ([]float64, error) {
	values, err := t.values(column)
	if err != nil {
		return nil, err
	}
	if err := t.checkOverlap(samples); err != nil {
		return nil, err
	}
	out := make([]float64, len(samples))
	known := 0
	for i, sample := range samples {
		out[i] = math.NaN()
		if at, ok := t.byIID[sample]; ok && !math.IsNaN(values[at]) {
			out[i] = values[at]
			known++
		}
	}
	if known == 0 {
		return nil, fmt.Errorf("%s, column %.40q: the value of every sample of the cohort is missing", t.file, column)
	}
	return out, nil
}

// Overlap counts the samples (distinct IIDs) that have a line, and the lines of others.
func (t *Table) Overlap(samples []string) (found, unused int) {
	for _, sample := range samples {
		if _, ok := t.byIID[sample]; ok {
			found++
		}
	}
	return found, len(t.rows) - found
}

// values parses a column: one value a row, NaN for a missing one.
func (t *Table) values(column string) ([]float64, error) {
	n := t.field(column)
	if n < 0 {
		return nil, t.noColumn(column)
	}
	values := make([]float64, len(t.rows))
	for i, r := range t.rows {
		text := r.field(n)
		v, ok := parseValue(text)
		if ok {
			values[i] = v
			continue
		}
		if _, comma := parseValue(strings.Replace(text, ",", ".", 1)); comma {
			return nil, t.errorAt(i, column, "%.40q is not a number; write a decimal point, not a comma", text)
		}
		if ofText, _ := t.categorical(column); ofText {
			return nil, t.errorAt(i, column, "%.40q is not a number, and the whole column is text; only covariates of association tests may be text, "+
				"so write numbers, such as 0 and 1 for two categories", text)
		}
		return nil, t.errorAt(i, column, "%.40q is not a number; write NA where the value is missing", text)
	}
	return values, nil
}

func (t *Table) noColumn(column string) error {
	return fmt.Errorf("%s has no column %.40q; it has %s", t.file, column, strings.Join(t.columns, ", "))
}

// field returns the place of a column among the fields of a row, -1 when the
// table does not have it.
func (t *Table) field(column string) int {
	n := slices.Index(t.columns, column)
	if n < 0 {
		return -1
	}
	return len(t.ids) + n
}

func (t *Table) errorAt(i int, column, format string, args ...any) error {
	return fmt.Errorf("%s, line %d, column %.40q: %s", t.file, t.rows[i].line, column, fmt.Sprintf(format, args...))
}

// checkOverlap returns an error when none of the samples is in the table.
func (t *Table) checkOverlap(samples []string) error {
	for _, sample := range samples {
		if _, ok := t.byIID[sample]; ok {
			return nil
		}
	}
	if len(samples) == 0 {
		return errors.New("the cohort has no samples")
	}
	return fmt.Errorf("%s: no overlap with the cohort: none of the %d samples of the file is among the %d of the cohort; "+
		"the file has for example %.40q, the cohort %.40q",
		t.file, len(t.rows), len(samples), t.id(t.rows[0], "IID"), samples[0])
}

// parseValue parses a decimal number. A missing value gives NaN; ok is false for
// anything else, infinities and numbers beyond a float64 included.
func parseValue(s string) (v float64, ok bool) {
	if strings.EqualFold(s, "NA") || strings.EqualFold(s, "nan") {
		return math.NaN(), true
	}
	// ParseFloat also takes words, hexadecimals and underscores.
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	if v == -9 {
		return math.NaN(), true
	}
	return v, true
}
