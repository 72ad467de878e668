package score

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// parseTable reads a PLINK --score table: ID, effect allele, one weight a score.
func (f *File) parseTable(r *lines) error {
	first := strings.Fields(r.text)
	if len(first) < 3 {
		return r.Errorf("%d columns; a table of weights has the variant's ID, the effect allele and one weight or more", len(first))
	}
	scores := len(first) - 2
	heading := strings.Fields(r.heading)
	if _, err := strconv.ParseFloat(first[2], 64); err != nil && !strings.EqualFold(first[2], "NA") {
		f.Names = first[2:]
		if err := r.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	} else if len(heading) == len(first) {
		f.Names = heading[2:]
	} else if scores == 1 {
		f.Names = []string{stem(f.Path)}
	} else {
		for i := range scores {
			f.Names = append(f.Names, fmt.Sprintf("%s_%d", stem(f.Path), i+1))
		}
	}
	for {
		fields := strings.Fields(r.text)
		if len(fields) != scores+2 {
			return r.Errorf("%d columns, expected %d", len(fields), scores+2)
		}
		w := Weight{Line: r.Number(), ID: fields[0], Frequency: math.NaN()}
		var err error
		if w.Effect, err = r.allele(fields[1]); err != nil {
			return err
		}
		for _, field := range fields[2:] {
			value, err := r.weight(field)
			if err != nil {
				return err
			}
			w.Values = append(w.Values, value)
		}
		f.Weights = append(f.Weights, w)
		if err := r.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
