package extract

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"genoveil/genomics/chrom"
	"genoveil/genomics/text"
)

// maxLine is the longest line in bytes: a million IDs.
const maxLine = 1 << 24

// Kinds of files, in errors.
const (
	idsKind    = "a list of variants"
	rangesKind = "a list of ranges"
)

// readIDs reads the IDs of variants, with blanks and line ends between them, as PLINK 2
// does.
func readIDs(in *text.Lines) (*List, error) {
	l := &List{name: in.Name(), ids: map[string]bool{}}
	err := eachLine(in, func(line []byte) error {
		for id, rest := cut(line); len(id) > 0; id, rest = cut(rest) {
			if _, known := l.ids[string(id)]; known {
				continue
			}
			l.ids[string(id)] = false
			if l.size++; l.size == 1 {
				l.entry = string(id)
			}
		}
		return nil
	})
	return l, err
}

// A base is what the first position of a chromosome is in a list of ranges.
type base int

const (
	// fromZero is UCSC's: the first position is 0, and the end of a range is the first
	// position behind it.
	fromZero base = 0
	// fromOne is PLINK's: the first position is 1, and the end is included.
	fromOne base = 1
)

// readRanges reads ranges, one a line: chromosome, from, to, and further columns, which do
// not matter. Lines that begin with #, track or browser are passed over.
func readRanges(in *text.Lines, first base) (*List, error) {
	l := &List{name: in.Name(), ranges: map[chrom.Key]*ranges{}}
	err := eachLine(in, func(line []byte) error {
		name, rest := cut(line)
		from, rest := cut(rest)
		to, _ := cut(rest)
		switch {
		case len(name) == 0 || name[0] == '#' || string(name) == "track" || string(name) == "browser":
			return nil
		case len(to) == 0:
			return in.Errorf("fewer than 3 columns; a range has a chromosome, from and to; for a list of IDs, leave out what is before the file's name")
		}
		s, err := parseSpan(string(from), string(to), first)
		if err != nil {
			return in.Errorf("%w", err)
		}
		key := chrom.Parse(string(name))
		here := l.ranges[key]
		if here == nil {
			here = &ranges{entry: fmt.Sprintf("%.40s:%d-%d", name, s.from, s.to)}
			l.ranges[key] = here
		}
		here.spans = append(here.spans, s)
		here.size++
		if l.size++; l.size == 1 {
			l.entry = here.entry
		}
		return nil
	})
	for _, here := range l.ranges {
		here.spans = join(here.spans)
	}
	return l, err
}

// parseSpan reads the ends of a range.
func parseSpan(from, to string, first base) (s span, err error) {
	for _, end := range []struct {
		text  string
		value *int
	}{{from, &s.from}, {to, &s.to}} {
		n, err := strconv.ParseUint(end.text, 10, 31)
		if err != nil {
			return s, fmt.Errorf("%.20q is not a position, a whole number up to %d", end.text, math.MaxInt32)
		}
		*end.value = int(n)
	}
	if first == fromZero {
		s.from++
	}
	if s.to < s.from {
		return s, fmt.Errorf("the range from %.20s to %.20s has no position", from, to)
	}
	return s, nil
}

// eachLine calls visit for all lines.
func eachLine(in *text.Lines, visit func(line []byte) error) error {
	for {
		line, err := in.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(line); err != nil {
			return err
		}
	}
}

// cut cuts off the first field of a line; it is empty where there is none.
func cut(line []byte) (field, rest []byte) {
	line = bytes.TrimLeft(line, " \t")
	if end := bytes.IndexAny(line, " \t"); end >= 0 {
		return line[:end], line[end:]
	}
	return line, nil
}

// spellings are what may stand before the name of a file of ranges.
var spellings = []struct {
	prefix string
	base   base
}{{"range=", fromOne}, {"bed1=", fromOne}, {"bed0=", fromZero}}

// cutSpelling returns the path in a list as it is typed, and what stands before it.
func cutSpelling(list string) (path, prefix string, first base) {
	for _, s := range spellings {
		if path, ok := strings.CutPrefix(list, s.prefix); ok {
			return path, s.prefix, s.base
		}
	}
	return list, "", 0
}

// Path returns the file's path in a list as it is typed.
func Path(list string) string {
	path, _, _ := cutSpelling(list)
	return path
}

// CheckSpelling refuses what says too little about a list.
func CheckSpelling(list string) error {
	for _, s := range spellings {
		if list == s.prefix || list+"=" == s.prefix {
			return fmt.Errorf("give the file together with the word, as %sFILE", s.prefix)
		}
	}
	if path := Path(list); path == list && (strings.HasSuffix(path, ".bed") || strings.HasSuffix(path, ".bed.gz")) {
		return fmt.Errorf("give bed0=%s if its positions begin with 0, as in UCSC's files, or range=%s if they begin with 1, as in PLINK's", path, path)
	}
	return nil
}

// Read reads a list as it is typed: a file of IDs, or range=, bed1= or bed0= and a file of
// ranges. It is ErrEmpty when there are none.
func Read(list string) (*List, error) {
	path, prefix, first := cutSpelling(list)
	kind := idsKind
	if prefix != "" {
		kind = rangesKind
	}
	in, err := text.Open(path, maxLine, kind)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var l *List
	if prefix == "" {
		l, err = readIDs(in)
	} else {
		l, err = readRanges(in, first)
	}
	if err == nil && l.size == 0 {
		err = fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	return l, err
}
