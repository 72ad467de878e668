package pheno

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"genoveil/genomics/chrom"
)

// noCategory is a missing value in a column of categories, in PLINK 2's spelling.
const noCategory = "NONE"

// Covariate returns what the named column has for each of the samples (distinct IIDs),
// NaN where the value is missing or the sample is not in the table.
//
// A column of numbers gives these, as [Table.Quantitative] does. A column of texts is
// categorical: levels are the texts that the samples have, in PLINK 2's order, and a value
// is a place in it. NONE is a missing category. It is an error when texts and numbers are
// mixed, in any line of the file, when a category begins with a digit, and what is an
// error of Quantitative; but a column of texts may be missing in all samples.
func (t *Table) Covariate(column string, samples []string) (values []float64, levels []string, err error) {
	categorical, err := t.categorical(column)
	if err != nil {
		return nil, nil, err
	}
	if !categorical {
		values, err = t.Quantitative(column, samples)
		return values, nil, err
	}
	if err := t.checkOverlap(samples); err != nil {
		return nil, nil, err
	}
	n := t.field(column)
	places := map[string]int{}
	texts := make([]string, len(samples))
	for i, sample := range samples {
		texts[i] = noCategory
		if at, ok := t.byIID[sample]; ok {
			texts[i] = t.rows[at].field(n)
		}
		places[texts[i]] = 0
	}
	delete(places, noCategory)
	levels = slices.AppendSeq([]string{}, maps.Keys(places)) // not nil
	slices.SortFunc(levels, compareLevels)
	for k, level := range levels {
		places[level] = k
	}
	values = make([]float64, len(samples))
	for i, text := range texts {
		values[i] = math.NaN()
		if k, ok := places[text]; ok {
			values[i] = float64(k)
		}
	}
	return values, levels, nil
}

// compareLevels is PLINK 2's order of categories: numbers inside them count by value, more
// leading zeros come first, and small letters count as capitals unless all else is equal.
func compareLevels(a, b string) int {
	return cmp.Or(chrom.Natural(strings.ToUpper(a), strings.ToUpper(b)), cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
}

// categorical reports whether a column is of texts. A column that mixes them with numbers
// is an error.
func (t *Table) categorical(column string) (bool, error) {
	n := t.field(column)
	if n < 0 {
		return false, t.noColumn(column)
	}
	text, number, missing := -1, -1, -1 // the first row of each
	for i := len(t.rows) - 1; i >= 0; i-- {
		field := t.rows[i].field(n)
		v, ok := parseValue(field)
		switch {
		case isText(field):
			text = i
		case ok && math.IsNaN(v):
			missing = i
		default:
			number = i
		}
	}
	switch {
	case text < 0:
		return false, nil
	case number >= 0:
		a, b := t.rows[text], t.rows[number]
		return false, fmt.Errorf("%s, column %.40q: %.40q in line %d is text, and %.40q in line %d begins as a number does; "+
			"a column has numbers, with NA where one is missing, or categories, none of which begins with a digit, with %s where one is missing",
			t.file, column, a.field(n), a.line, b.field(n), b.line, noCategory)
	case missing >= 0:
		a, b := t.rows[text], t.rows[missing]
		return false, fmt.Errorf("%s, column %.40q: %.40q in line %d is text, and %.40q in line %d is not the name of a category; write %s where a category is missing",
			t.file, column, a.field(n), a.line, b.field(n), b.line, noCategory)
	}
	return true, nil
}

// isText reports whether PLINK 2 takes a field as a category: it is not a missing number
// and does not begin as a number does.
func isText(field string) bool {
	if strings.EqualFold(field, "NA") || strings.EqualFold(field, "nan") {
		return false
	}
	if field[0] == '+' || field[0] == '-' {
		field = field[1:]
	}
	field = strings.TrimPrefix(field, ".")
	return field == "" || field[0] < '0' || field[0] > '9'
}
