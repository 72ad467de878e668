package pheno

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"genoveil/genomics/text"
)

// maxLine is the longest line in bytes: a million columns.
const maxLine = 1 << 24

// lines walks over the lines of a file that hold something.
type lines struct {
	*text.Lines
	blank  int  // number of the first blank line, 0 when none was seen
	commas bool // between fields, as in the header
	err    error
}

// next returns the next line without the blanks around it. Blank lines are
// allowed at the end of the file only, because elsewhere they are a sign of
// files pasted together; PLINK 2 refuses them too.
func (l *lines) next() (string, bool) {
	for l.err == nil {
		var line []byte
		if line, l.err = l.Next(); l.err != nil {
			break
		}
		switch line = bytes.Trim(line, " \t"); {
		case len(line) == 0 && l.blank == 0:
			l.blank = l.Number()
		case len(line) > 0 && l.blank != 0:
			l.err = fmt.Errorf("%s, line %d: blank line; remove it", l.Name(), l.blank)
		case len(line) > 0 && l.commas:
			return l.spread(string(line))
		case len(line) > 0:
			return string(line), true
		}
	}
	return "", false
}

// failed returns the error for which next had no more lines, if it was one.
func (l *lines) failed() error {
	if l.err == io.EOF {
		return nil
	}
	return l.err
}

// header skips the comment lines at the top of the file and returns the first
// line after them. A comment is any line that begins with # and is not a header.
func (l *lines) header() (string, bool) {
	for {
		text, ok := l.next()
		first, _, commas := strings.Cut(text, ",")
		first = strings.TrimRight(first, " \t")
		if commas && !strings.Contains(first, "\t") && namesSample(unquote(first)) {
			l.commas = true
			return l.spread(text)
		}
		if first, _, semicolons := strings.Cut(text, ";"); semicolons && namesSample(unquote(first)) {
			l.err = l.Errorf("the columns are separated by semicolons; separate them by tabs, and write decimal points for decimal commas, as tr ';,' '\\t.' does")
			return "", false
		}
		if !ok || text[0] != '#' || namesSample(text) {
			return text, ok
		}
	}
}

// spread puts tabs between fields that commas separate, as PLINK 2 reads them: an empty
// field is a missing value. Quotes around a field are dropped.
func (l *lines) spread(line string) (string, bool) {
	fields := strings.Split(line, ",")
	for i, field := range fields {
		if i+1 < len(fields) && strings.HasPrefix(field, `"`) {
			if number := unquote(field + "," + fields[i+1]); decimalComma(number) {
				l.err = l.Errorf("field %d, %.40q, has a decimal comma; write a decimal point in its place", i+1, number)
				return "", false
			}
		}
		switch field = unquote(strings.Trim(field, " \t")); {
		case strings.ContainsAny(field, " \t\""):
			l.err = l.Errorf("field %d, %.40q, has a blank or a quote; fields that commas separate have neither inside, so write _ in its place", i+1, field)
			return "", false
		case field == "" && i == 0:
			l.err = l.Errorf("the first field is empty; it names the sample")
			return "", false
		case field == "":
			field = "NA"
		}
		fields[i] = field
	}
	return strings.Join(fields, "\t"), true
}

// unquote drops quotes around a field.
func unquote(field string) string {
	if n := len(field); n >= 2 && field[0] == '"' && field[n-1] == '"' {
		return field[1 : n-1]
	}
	return field
}

// decimalComma reports whether a text would be a number with a point for its comma.
func decimalComma(text string) bool {
	whole, part, comma := strings.Cut(text, ",")
	_, number := parseValue(whole + "." + part)
	return comma && number
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
