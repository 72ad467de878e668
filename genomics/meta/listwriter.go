package meta

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
)

// A ListWriter writes a list of variants with the frequencies of several ancestries.
type ListWriter struct {
	w          *bufio.Writer
	line       []byte
	ancestries int
}

// NewListWriter begins a list with its header.
func NewListWriter(w io.Writer, ancestries []string) (*ListWriter, error) {
	l := &ListWriter{w: bufio.NewWriter(w), ancestries: len(ancestries)}
	for i, name := range listColumns {
		if i > 0 {
			l.line = append(l.line, '\t')
		}
		l.line = append(l.line, name...)
	}
	for _, name := range ancestries {
		l.line = append(append(l.line, "\t"+afPrefix...), name...)
	}
	l.line = append(l.line, '\n')
	_, err := l.w.Write(l.line)
	return l, err
}

// Write adds a variant. Its frequencies are those of the ancestries, in their order, in
// place of AF.
func (l *ListWriter) Write(v Variant, frequencies []float64) error {
	if len(frequencies) != l.ancestries {
		return fmt.Errorf("variant %s has %d frequencies, and the list %d ancestries", v.ID, len(frequencies), l.ancestries)
	}
	line := append(append(l.line[:0], v.ID...), '\t')
	line = append(append(line, v.Chrom...), '\t')
	for _, pos := range [...]int{v.Pos37, v.Pos38} {
		if pos == 0 {
			line = append(line, ".\t"...)
		} else {
			line = append(strconv.AppendInt(line, int64(pos), 10), '\t')
		}
	}
	line = append(append(line, v.Ref...), '\t')
	line = append(line, v.Alt...)
	for _, f := range frequencies {
		if line = append(line, '\t'); math.IsNaN(f) {
			line = append(line, '.')
		} else {
			line = strconv.AppendFloat(line, f, 'g', 6, 64)
		}
	}
	l.line = append(line, '\n')
	_, err := l.w.Write(l.line)
	return err
}

// Flush writes out what is buffered. It is to be called after the last variant.
func (l *ListWriter) Flush() error { return l.w.Flush() }
