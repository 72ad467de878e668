package vcf

import (
	"bytes"
	"io"
)

// firstBuffer is the initial size of the line buffer in bytes. It grows to
// hold the longest line: at 500,000 samples a line has 2 MB and more.
const firstBuffer = 1 << 18

// lines cuts a text into lines without copying them.
type lines struct {
	src        io.Reader
	buf        []byte
	start, end int // the unread bytes are buf[start:end]
	number     int // 1-based number of the line that next returned last
	err        error
}

// next returns the next line without its line end (LF or CRLF). The line is
// valid until the next call. The last line need not have a line end.
func (l *lines) next() ([]byte, error) {
	scanned := 0
	for {
		if i := bytes.IndexByte(l.buf[l.start+scanned:l.end], '\n'); i >= 0 {
			return l.take(scanned+i, 1), nil
		}
		scanned = l.end - l.start
		if l.err == io.EOF && scanned > 0 {
			return l.take(scanned, 0), nil
		}
		if l.err != nil {
			return nil, l.err
		}
		l.fill()
	}
}

// take returns the next n unread bytes as a line and drops them with the
// terminator bytes that follow.
func (l *lines) take(n, terminator int) []byte {
	line := l.buf[l.start : l.start+n]
	l.start += n + terminator
	l.number++
	return bytes.TrimSuffix(line, []byte("\r"))
}

// fill reads more text behind the unread bytes.
func (l *lines) fill() {
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.end -= l.start
		l.start = 0
	}
	if l.end == len(l.buf) {
		larger := make([]byte, max(firstBuffer, 2*len(l.buf)))
		copy(larger, l.buf)
		l.buf = larger
	}
	var n int
	n, l.err = l.src.Read(l.buf[l.end:])
	l.end += n
}

// restart forgets the unread bytes, after a jump in the source.
func (l *lines) restart() {
	l.start, l.end, l.number, l.err = 0, 0, 0, nil
}
