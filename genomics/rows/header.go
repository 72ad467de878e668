package rows

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"genoveil/genomics/text"
)

// A header is a table's first line.
type header struct {
	names     []string
	separator string // "" for any number of blanks
	id        int    // the place of the rows' names, or -1
}

func readHeader(l *text.Lines) (*header, error) {
	line, err := l.NextRow()
	for err == nil && strings.HasPrefix(string(line), "##") {
		line, err = l.NextRow()
	}
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: the table is empty; its first line names the columns", l.Name())
	}
	if err != nil {
		return nil, err
	}
	h, first := &header{}, strings.TrimPrefix(string(line), "#")
	switch {
	case strings.Contains(first, ","):
		h.separator = ","
	case strings.Contains(first, ";"):
		return nil, l.Errorf("the columns are separated by semicolons; separate them by tabs, and write decimal points for decimal commas, as tr ';,' '\\t.' does")
	case strings.Contains(first, "\t"):
		h.separator = "\t"
	}
	if h.names, err = h.fields(l, first, nil); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range h.names {
		if seen[name] {
			return nil, l.Errorf("two columns are named %.40q; rename one", name)
		}
		seen[name] = true
	}
	if h.id = slices.Index(h.names, "IID"); h.id < 0 {
		h.id = slices.Index(h.names, "ID")
	}
	return h, nil
}

// split appends the fields of a row.
func (h *header) split(l *text.Lines, line string, to []string) ([]string, error) {
	fields, err := h.fields(l, line, to)
	if err == nil && len(fields) != len(h.names) {
		err = l.Errorf("%d fields where the first line has %d", len(fields), len(h.names))
	}
	return fields, err
}

// fields appends the fields of a line, without blanks and quotes around them.
func (h *header) fields(l *text.Lines, line string, to []string) ([]string, error) {
	if h.separator == "" {
		for field := range strings.FieldsSeq(line) {
			to = append(to, unquote(field))
		}
		return to, nil
	}
	for field := range strings.SplitSeq(line, h.separator) {
		field = unquote(strings.TrimSpace(field))
		if strings.Contains(field, `"`) {
			return nil, l.Errorf("field %d, %.40q, has a quote inside, or a separator between quotes; write another character", len(to)+1, field)
		}
		to = append(to, field)
	}
	return to, nil
}

// unquote drops quotes around a field.
func unquote(field string) string {
	if n := len(field); n >= 2 && field[0] == '"' && field[n-1] == '"' {
		return field[1 : n-1]
	}
	return field
}
