package pheno

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// readText returns the content of a plain or gzipped file.
func readText(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return string(data), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", fmt.Errorf("%s: damaged gzip file: %w", path, err)
	}
	var text strings.Builder
	if _, err := io.Copy(&text, z); err != nil {
		return "", fmt.Errorf("%s: damaged or incomplete gzip file (check it with gzip -t): %w", path, err)
	}
	return text.String(), nil
}

// lines walks over the lines of a file that hold something.
type lines struct {
	file   string
	rest   string
	number int // 1-based number of the line that next returned last
	blank  int // number of the first blank line, 0 when none was seen
	err    error
}

// next returns the next line without the blanks around it. Blank lines are
// allowed at the end of the file only, because elsewhere they are a sign of
// files pasted together; PLINK 2 refuses them too.
func (l *lines) next() (string, bool) {
	for l.err == nil && l.rest != "" {
		var text string
		text, l.rest, _ = strings.Cut(l.rest, "\n")
		l.number++
		text = strings.Trim(strings.TrimSuffix(text, "\r"), " \t")
		switch {
		case text == "" && l.blank == 0:
			l.blank = l.number
		case text != "" && l.blank != 0:
			l.err = fmt.Errorf("%s, line %d: blank line; remove it", l.file, l.blank)
		case text != "":
			return text, true
		}
	}
	return "", false
}

// header skips the comment lines at the top of the file and returns the first
// line after them. A comment is any line that begins with # and is not a header.
func (l *lines) header() (string, bool) {
	for {
		text, ok := l.next()
		if !ok || text[0] != '#' || namesSample(text) {
			return text, ok
		}
	}
}

// errorf makes an error about the line that next returned last.
func (l *lines) errorf(format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %s", l.file, l.number, fmt.Sprintf(format, args...))
}

// namesSample reports whether a line is a header, that is whether its first
// field is FID or IID, with or without # before it.
func namesSample(text string) bool {
	first, _ := cutField(text)
	first = strings.TrimPrefix(first, "#")
	return first == "FID" || first == "IID"
}

// cutField splits s, which does not begin with a blank, after its first field.
// The rest does not begin with a blank either.
func cutField(s string) (field, rest string) {
	end := strings.IndexAny(s, " \t")
	if end < 0 {
		return s, ""
	}
	return s[:end], strings.TrimLeft(s[end:], " \t")
}

// countFields returns the number of fields of s.
func countFields(s string) int {
	n := 0
	for s != "" {
		_, s = cutField(s)
		n++
	}
	return n
}
