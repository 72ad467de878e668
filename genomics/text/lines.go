package text

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"genoveil/genomics/bgzf"
)

// Lines walks over the lines of a text.
type Lines struct {
	name    string
	kind    string
	longest int
	data    io.Reader
	file    io.Closer     // nil where the caller owns the data
	in      *bufio.Reader // of the text, once a line is read
	long    []byte        // a line that does not fit the buffer of in
	number  int
}

// Open opens a file and reads its lines, of at most longest bytes each; kind says in
// errors what the file should be, as "a VCF file".
func Open(path string, longest int, kind string) (*Lines, error) {
	file, err := OpenFile(path, kind)
	if err != nil {
		return nil, err
	}
	l := NewLines(path, file, longest, kind)
	l.file = file
	return l, nil
}

// NewLines reads the lines of r as Open does; name stands for it in errors.
func NewLines(name string, r io.Reader, longest int, kind string) *Lines {
	return &Lines{name: name, kind: kind, longest: longest, data: r}
}

// Close closes the file. It leaves data that the caller gave open.
func (l *Lines) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

// byteOrderMark is what some editors and spreadsheets write before text in UTF-8.
const byteOrderMark = "\xef\xbb\xbf"

// Next returns the next line without its end, LF or CRLF, or io.EOF. It is valid until
// the next call. A byte order mark before the first line is passed over; one of
// UTF-16 is an error, and so is a CR inside a line.
func (l *Lines) Next() ([]byte, error) {
	if l.in == nil {
		in, err := NewReader(l.data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
		l.in = bufio.NewReaderSize(in, bufferSize)
	}
	line, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = l.long[:0]
		for errors.Is(err, bufio.ErrBufferFull) && len(l.long) <= l.longest {
			l.keep(line)
			line, err = l.in.ReadSlice('\n')
		}
		l.keep(line)
		line = l.long
	}
	switch {
	case len(line) > l.longest:
		l.number++
		return nil, l.Errorf("longer than %d bytes; is it %s?", l.longest, l.kind)
	case err == io.EOF && len(line) == 0:
		return nil, io.EOF
	case err != nil && err != io.EOF:
		return nil, fmt.Errorf("%s, after line %d: %w", l.name, l.number, bgzf.Explain(err))
	}
	if l.number++; l.number == 1 {
		if bytes.HasPrefix(line, []byte("\xff\xfe")) || bytes.HasPrefix(line, []byte("\xfe\xff")) {
			return nil, fmt.Errorf("%s is UTF-16, as \"Unicode Text\" of Excel is; save it as UTF-8, or convert it with iconv -f UTF-16 -t UTF-8", l.name)
		}
		line = bytes.TrimPrefix(line, []byte(byteOrderMark))
	}
	line = bytes.TrimRight(line, "\r\n")
	if bytes.IndexByte(line, '\r') >= 0 {
		return nil, l.Errorf("a line end of CR alone, as old programs of the Macintosh write it; convert the file with tr '\\r' '\\n'")
	}
	return line, nil
}

// NextRow is Next for tables, which may end in blank lines. One between others is an
// error, as it is a sign of files pasted together.
func (l *Lines) NextRow() ([]byte, error) {
	line, err := l.Next()
	if err != nil || !isBlank(line) {
		return line, err
	}
	blank := l.number
	for err == nil && isBlank(line) {
		line, err = l.Next()
	}
	if err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s, line %d: blank line; remove it", l.name, blank)
}

func isBlank(line []byte) bool { return len(bytes.TrimLeft(line, " \t")) == 0 }

// keep appends a part to the long line. Its memory doubles as it has to grow, so that all
// that is ever taken is a small multiple of the line.
func (l *Lines) keep(part []byte) {
	if need := len(l.long) + len(part); need > cap(l.long) {
		grown := make([]byte, len(l.long), max(need, 2*cap(l.long)))
		copy(grown, l.long)
		l.long = grown
	}
	l.long = append(l.long, part...)
}

// Name returns the name of the text in errors.
func (l *Lines) Name() string { return l.name }

// Number returns the number of the line read last, from 1.
func (l *Lines) Number() int { return l.number }

// Errorf makes an error about the line read last.
func (l *Lines) Errorf(format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %w", l.name, l.number, fmt.Errorf(format, args...))
}
