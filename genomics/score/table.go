package score

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// alleleNames are names of the column of effect alleles. A header whose scores have
// numbers for names, such as thresholds of p-values, is known by them.
var alleleNames = []string{"A1", "ALLELE", "ALLELE1", "ALT", "EA", "EFFECT_ALLELE", "EFFECTALLELE", "RISK_ALLELE", "TESTED_ALLELE"}

// parseTable reads a PLINK --score table.
func (f *File) parseTable(r *lines, columns Columns) error {
	width := len(strings.Fields(r.text))
	if width < 3 && strings.Contains(r.text, ",") {
		return r.Errorf("the columns are separated by commas; write spaces or tabs in their place")
	}
	byPlace := columns == nil
	if byPlace && width < 3 {
		return r.Errorf("%d columns; a table of weights has the variant's ID, the effect allele and one weight or more", width)
	}
	if byPlace {
		for i := range width {
			columns = append(columns, i+1)
		}
	}
	if last := slices.Max(columns); last > width {
		return r.Errorf("%d columns, and the weights' are %s", width, columns)
	}
	// pick returns the fields of the columns.
	pick := func(text string) []string {
		fields := strings.Fields(text)
		if len(fields) != width {
			return nil
		}
		var picked []string
		for _, c := range columns {
			picked = append(picked, fields[c-1])
		}
		return picked
	}
	first, heading := pick(r.text), pick(r.heading)
	scores := len(first) - 2
	if _, err := strconv.ParseFloat(first[2], 64); err != nil && !strings.EqualFold(first[2], "NA") || slices.Contains(alleleNames, strings.ToUpper(first[1])) {
		f.Names = first[2:]
		if err := r.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	} else if heading != nil {
		f.Names = heading[2:]
	} else if scores == 1 {
		f.Names = []string{stem(f.Path)}
	} else {
		for i := range scores {
			f.Names = append(f.Names, fmt.Sprintf("%s_%d", stem(f.Path), i+1))
		}
	}
	for {
		fields := pick(r.text)
		if fields == nil {
			return r.Errorf("%d columns, expected %d", len(strings.Fields(r.text)), width)
		}
		w := Weight{Line: r.Number(), ID: fields[0], Frequency: math.NaN()}
		for _, field := range fields[2:] {
			value, err := r.weight(field)
			if _, bad := strconv.ParseFloat(field, 64); errors.Is(bad, strconv.ErrSyntax) && byPlace && len(f.Weights)+f.NoSequence == 0 {
				return fmt.Errorf("%w; the columns are taken as ID, effect allele and weights, so name others with --weights-columns", err)
			} else if err != nil {
				return err
			}
			w.Values = append(w.Values, value)
		}
		var ok bool
		if w.Effect, ok = f.addAllele(r, fields[1]); ok {
			f.Weights = append(f.Weights, w)
		}
		if err := r.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// String writes the numbers as --weights-columns takes them.
func (c Columns) String() string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint([]int(c)), " ", ","), "[]")
}
