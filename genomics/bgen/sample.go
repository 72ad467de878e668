package bgen

import (
	"fmt"
	"io"
	"strings"

	"genoveil/genomics/text"
)

const (
	maxLine      = 1 << 24
	kindOfSample = "a .sample file"
)

// A sample has one identifier or two, in a .sample file.
type sample struct {
	ids  []string
	line int
}

// iid is the name by which samples are known, the second identifier where there are two.
func (s sample) iid() string { return s.ids[len(s.ids)-1] }

// is reports whether an identifier in a BGEN file can be the sample's: either of its own,
// or both with _ between them, as PLINK 2 writes them.
func (s sample) is(id string) bool {
	return id == s.iid() || id == s.ids[0] || id == s.ids[0]+"_"+s.iid()
}

// readSamples reads the samples of a .sample file: a line with the columns' names, of
// which the first is ID_1 and the second mostly ID_2, one with their types, 0 for
// identifiers, and a line for each sample. It reads no more than one more than the most.
func readSamples(l *text.Lines, most int) ([]sample, error) {
	var header [2][]string
	for i, what := range []string{"names", "types"} {
		line, err := l.Next()
		if err == io.EOF {
			return nil, fmt.Errorf("%s ends before its line %d, with the columns' %s; is it %s?", l.Name(), i+1, what, kindOfSample)
		}
		if err != nil {
			return nil, err
		}
		header[i] = strings.Fields(string(line))
	}
	names, types := header[0], header[1]
	if len(types) != len(names) || len(types) == 0 || types[0] != "0" {
		return nil, l.Errorf("the line must have a type for each column, beginning with 0, and has %.40q; is it %s?", strings.Join(types, " "), kindOfSample)
	}
	ids := 1
	if len(names) > 1 && types[1] == "0" && !strings.EqualFold(names[1], "missing") {
		ids = 2
	}
	var samples []sample
	for len(samples) <= most {
		line, err := l.NextRow()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		fields := strings.Fields(string(line))
		if len(fields) != len(names) {
			return nil, l.Errorf("%d columns instead of %d", len(fields), len(names))
		}
		s := sample{line: l.Number()}
		for _, id := range fields[:ids] {
			s.ids = append(s.ids, strings.Clone(id))
		}
		samples = append(samples, s)
	}
	return samples, nil
}

// samplesOf returns the samples' names, of the .sample file or, where there is none, the
// file's own.
func (h *header) samplesOf(name, samplePath string) ([]string, error) {
	if samplePath == "" {
		return h.ownNames(name)
	}
	lines, err := text.Open(samplePath, maxLine, kindOfSample)
	if err != nil {
		return nil, err
	}
	defer lines.Close()
	samples, err := readSamples(lines, int(h.samples))
	if err != nil {
		return nil, err
	}
	switch n := len(samples); {
	case n > int(h.samples):
		return nil, fmt.Errorf("%s has more samples than the %d of %s; do the files belong together?", samplePath, h.samples, name)
	case n < int(h.samples):
		return nil, fmt.Errorf("%s has %d samples, and %s has %d; do the files belong together?", samplePath, len(samples), name, h.samples)
	}
	names := make([]string, len(samples))
	first := make(map[string]int, len(samples))
	for i, s := range samples {
		names[i] = s.iid()
		if h.names != nil && !s.is(h.names[i]) {
			return nil, fmt.Errorf("%s, line %d: the sample is %q here and %q in %s; do the files belong together?", samplePath, s.line, names[i], h.names[i], name)
		}
		if line, ok := first[names[i]]; ok {
			return nil, fmt.Errorf("%s, line %d: sample %q is in line %d too; samples are known by this name alone here, so make it unique", samplePath, s.line, names[i], line)
		}
		first[names[i]] = s.line
	}
	return names, nil
}

// ownNames returns the names in the BGEN file itself.
func (h *header) ownNames(name string) ([]string, error) {
	if h.names == nil {
		return nil, fmt.Errorf("%s does not name its samples; give its .sample file", name)
	}
	first := make(map[string]int, len(h.names))
	for i, id := range h.names {
		if id == "" || !isWord(id) {
			return nil, fmt.Errorf("%s: sample %d has the name %.40q, which is empty or has a space in it; give a .sample file with another name", name, i+1, id)
		}
		if other, ok := first[id]; ok {
			return nil, fmt.Errorf("%s: sample %d has the name %q, and so has sample %d; give a .sample file with other names", name, i+1, id, other)
		}
		first[id] = i + 1
	}
	return h.names, nil
}

// isWord reports whether a text has neither spaces nor control characters, so that it
// stands in one column of a table.
func isWord(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
