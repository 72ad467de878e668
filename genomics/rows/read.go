package rows

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"genoveil/genomics/text"
)

// Bounds of a table: of the bytes of a line, and of rows, whose numbers and names fit in
// memory.
const (
	maxLine = 1 << 24
	maxRows = 16_000_000
)

// largest bounds numbers, so that no sum of squares overflows.
const largest = 1e100

// A Table has the rows with a number in each of the columns that were asked for.
type Table struct {
	Rows   int
	Values [][]float64 // one slice a column, one value a row
	Lines  []int       // of the file, one a row

	LeftOut   int   // rows
	Missing   []int // numbers that are missing, one count a column
	MinusNine []int // values of -9 among Values, one count a column
}

// Read reads the table in the file path. Errors name the file and the line.
func Read(path string, columns []string) (*Table, error) {
	l, err := text.Open(path, maxLine, tableKind)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return read(l, columns, maxRows)
}

const tableKind = "a table"

func read(l *text.Lines, columns []string, limit int) (*Table, error) {
	h, err := readHeader(l)
	if err != nil {
		return nil, err
	}
	places, err := h.find(l, columns)
	if err != nil {
		return nil, err
	}
	t := &Table{Values: make([][]float64, len(columns)), Missing: make([]int, len(columns)), MinusNine: make([]int, len(columns))}
	seen := map[string]int{} // the line of each row's name
	row, fields := make([]float64, len(columns)), []string(nil)
	for {
		line, err := l.NextRow()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t.Rows+t.LeftOut == limit {
			return nil, l.Errorf("more than %d rows", limit)
		}
		if fields, err = h.split(l, string(line), fields[:0]); err != nil {
			return nil, err
		}
		if h.id >= 0 {
			id := fields[h.id]
			if first := seen[id]; first > 0 {
				return nil, l.Errorf("%s %.40q was in line %d already", h.names[h.id], id, first)
			}
			seen[strings.Clone(id)] = l.Number() // not the whole line
		}
		complete := true
		for j, place := range places {
			field := fields[place]
			if text.Missing(field) {
				t.Missing[j]++
				complete = false
				continue
			}
			x, ok := text.Number(field)
			if !ok {
				return nil, l.Errorf("column %.40q: %.40q is not a number; write NA where there is none", columns[j], field)
			}
			if !(math.Abs(x) <= largest) {
				return nil, l.Errorf("column %.40q: %.40q is too large to compute with", columns[j], field)
			}
			row[j] = x
		}
		if !complete {
			t.LeftOut++
			continue
		}
		t.Rows++
		t.Lines = append(t.Lines, l.Number())
		for j, x := range row {
			t.Values[j] = append(t.Values[j], x)
			if x == -9 {
				t.MinusNine[j]++
			}
		}
	}
	if t.Rows+t.LeftOut == 0 {
		return nil, fmt.Errorf("%s: the table has a first line with names, but no rows", l.Name())
	}
	if t.Rows == 0 {
		j := slices.Index(t.Missing, slices.Max(t.Missing))
		return nil, fmt.Errorf("%s: no row has a number in all columns; %.40q lacks it in %d of %d rows", l.Name(), columns[j], t.Missing[j], t.LeftOut)
	}
	return t, nil
}

// find has the places of columns.
func (h *header) find(l *text.Lines, columns []string) (places []int, err error) {
	for _, name := range columns {
		place := slices.Index(h.names, name)
		if place < 0 {
			return nil, fmt.Errorf("%s has no column %.40q; it has %s", l.Name(), name, shown(h.names))
		}
		places = append(places, place)
	}
	return places, nil
}

// shown lists names, of many the first.
func shown(names []string) string {
	const most = 30
	if n := len(names); n > most {
		return fmt.Sprintf("%s and %d others", strings.Join(names[:most], ", "), n-most)
	}
	return strings.Join(names, ", ")
}
