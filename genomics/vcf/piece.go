package vcf

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"genoveil/genomics"
)

// A piece is a chunk of text on its way to records. Its lines are those that end
// in it; what is behind the last line end is carried to the next piece.
type piece[T byte | uint16] struct {
	chunk
	before  <-chan carry
	after   chan<- carry
	done    chan struct{} // sends when the fields below are set
	records []genomics.Variant
	rows    []T // of the records
	remarks []remark
	end     error // what follows the records: nil for the next piece, io.EOF, errPast or why it cannot be read
}

// A carry is what a piece leaves to the next.
type carry struct {
	text  []byte // an unfinished line, which now belongs to the next
	lines int    // number of all finished lines
}

// A parser says how to make records of lines.
type parser[T byte | uint16] struct {
	scope
	width   int // of a row
	read    rowReader[T]
	quality string // key of INFO that Variant.Quality is read from, or ""
}

// A rowReader reads a record's sample columns into a row, or says why the record
// is passed over. It notes what it read for something else than it is.
type rowReader[T byte | uint16] func(rec record, row []T, n *notes) (oddity, error)

// A worker parses one piece at a time. It has the memory for inflated text, which
// so mostly stays in the cache of one core (on two cores of Zen 4 a sixth faster
// than with memory that belongs to the piece).
type worker[T byte | uint16] struct {
	parser[T]
	inflater inflater
	lineEnds []int
	first    []byte // the piece's first line
	chrom    string // of the last record, so that its string is made once
	notes    notes  // of the record under way
}

func (w *worker[T]) parse(p *piece[T]) {
	text := w.inflater.inflate(&p.chunk)
	w.findLineEnds(text)
	p.records, p.rows, p.remarks, p.end = p.records[:0], p.rows[:0], p.remarks[:0], nil
	before := <-p.before
	open := false // the last line has no end
	if p.err == io.EOF && len(before.text)+len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, '\n')
		open = true
		w.lineEnds = append(w.lineEnds, len(text)-1)
	}
	number := before.lines
	if n := len(w.lineEnds); n == 0 && len(before.text)+len(text) >= w.longest {
		p.end = w.lineError(number+1, errTooLong)
		p.after <- carry{}
	} else if n == 0 {
		before.text = append(before.text, text...)
		p.after <- before
	} else {
		p.after <- carry{append(w.first[:0], text[w.lineEnds[n-1]+1:]...), number + n}
		w.first = append(before.text, text[:w.lineEnds[0]]...)
		for i, end := range w.lineEnds {
			line := w.first
			if i > 0 {
				line = text[w.lineEnds[i-1]+1 : end]
			}
			number++
			if p.end = w.parseLine(p, line, number); p.end != nil {
				break
			}
		}
	}
	switch {
	case p.end != nil:
	case p.err == nil || p.err == io.EOF:
		p.end = p.err
		if last := len(p.remarks) - 1; open && last >= 0 && p.remarks[last].line == number && p.remarks[last].reason == oddCall {
			p.end = w.lineError(number, fmt.Errorf("the file ends within this line; copy it again (%s)", p.remarks[last].detail))
			p.remarks = p.remarks[:last] // it is an error, and no record that is left out
		} else if open {
			p.remarks = append(p.remarks, remark{at: len(p.records), reason: noLineEnd, calls: 1})
		}
	default:
		p.end = readError(w.name, number, p.err)
	}
	p.done <- struct{}{}
}

func (w *worker[T]) findLineEnds(text []byte) {
	w.lineEnds = w.lineEnds[:0]
	for start := 0; ; {
		n := bytes.IndexByte(text[start:], '\n')
		if n < 0 {
			return
		}
		w.lineEnds = append(w.lineEnds, start+n)
		start += n + 1
	}
}

// parseLine appends to the piece what a line has, which is given without its LF.
func (w *worker[T]) parseLine(p *piece[T], line []byte, number int) error {
	if len(line) >= w.longest {
		return w.lineError(number, errTooLong)
	}
	rec, tab, odd, err := splitLine(bytes.TrimSuffix(line, []byte("\r")), len(w.samples))
	if err != nil {
		return w.lineError(number, err)
	}
	if w.region != nil && odd.none() {
		switch where, err := w.region.locate(&rec, number); {
		case err != nil:
			return w.lineError(number, err)
		case where > 0:
			return errPast
		case where < 0:
			return nil
		}
	}
	if odd.none() {
		odd.reason = genomics.SkipAlt(string(rec.alt))
	}
	w.notes.list = w.notes.list[:0]
	if tab {
		w.notes.list = append(w.notes.list, remark{reason: extraTab, calls: 1})
	}
	if odd.none() {
		n := len(p.rows)
		p.rows = slices.Grow(p.rows, w.width)[:n+w.width]
		if odd, err = w.read(rec, p.rows[n:], &w.notes); err != nil {
			return w.lineError(number, err)
		}
		if odd.none() {
			for _, note := range w.notes.list {
				note.at, note.line = len(p.records), number
				p.remarks = append(p.remarks, note)
			}
			v := rec.variant(w.chrom)
			w.chrom = v.Chrom
			if w.quality != "" {
				v.Quality = genomics.QualityOf(rec.info, w.quality)
			}
			p.records = append(p.records, v)
			return nil
		}
		p.rows = p.rows[:n]
	}
	p.remarks = append(p.remarks, remark{at: len(p.records), line: number, reason: odd.reason, detail: odd.detail, calls: 1, passed: true})
	return nil
}
