package chrom

import (
	"fmt"
	"slices"
	"strings"
)

// A Selection is the chromosomes that --chr names. It notes what it is asked about, so
// that names which meet no variant can be reported. Not for several goroutines at once.
type Selection struct {
	items []item
	last  string // asked about last
	has   bool   // what was said of it
	known map[string]bool
	met   []string // names asked about, in order of appearance
}

// An item is a chromosome or, where to is not 0, a range of PLINK's numbers.
type item struct {
	text     string
	key      Key
	from, to int
	met      bool
}

func (i *item) has(k Key) bool {
	if i.to == 0 {
		return k == i.key
	}
	n, ok := k.Number()
	return ok && i.from <= n && n <= i.to
}

// Select reads the names and ranges of --chr, such as 1-22 and X.
func Select(list []string) (*Selection, error) {
	s := &Selection{known: map[string]bool{}}
	for _, text := range list {
		one, err := parseItem(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		s.items = append(s.items, one)
	}
	return s, nil
}

// parseItem takes a name with a hyphen for a range only if both its ends are chromosomes
// with numbers, or mean to be: contigs' names have hyphens, too.
func parseItem(text string) (item, error) {
	if text == "" {
		return item{}, fmt.Errorf("a chromosome's name is empty; give names and ranges separated by commas, such as 1-22,X")
	}
	first, last, ok := strings.Cut(text, "-")
	from, fromOK := Parse(first).Number()
	to, toOK := Parse(last).Number()
	switch {
	case !ok || !fromOK || !toOK && !isNumber(last):
		return item{text: text, key: Parse(text)}, nil
	case !toOK:
		return item{}, fmt.Errorf("the range %s goes beyond 26; X, Y, XY and MT are 23 to 26, name further contigs one by one", text)
	case from >= to:
		return item{}, fmt.Errorf("the range %s does not go from a lower number to a higher one", text)
	}
	return item{text: text, from: from, to: to}, nil
}

// Has reports whether a chromosome is selected, however it is spelled.
func (s *Selection) Has(name string) bool {
	if name == s.last && len(s.met) > 0 {
		return s.has
	}
	has, known := s.known[name]
	if !known {
		for i := range s.items {
			if s.items[i].has(Parse(name)) {
				s.items[i].met, has = true, true
			}
		}
		s.known[name] = has
		s.met = append(s.met, name)
	}
	s.last, s.has = name, has
	return has
}

// String returns the selection as it was given.
func (s *Selection) String() string { return s.join(func(*item) bool { return true }) }

// Absent returns the names and ranges of which no chromosome was met, "" for none.
func (s *Selection) Absent() string { return s.join(func(i *item) bool { return !i.met }) }

func (s *Selection) join(which func(*item) bool) string {
	var texts []string
	for i := range s.items {
		if which(&s.items[i]) {
			texts = append(texts, s.items[i].text)
		}
	}
	return strings.Join(texts, ", ")
}

// Check returns an error that says so if there were chromosomes, but none selected.
func (s *Selection) Check() error {
	if len(s.met) == 0 || slices.ContainsFunc(s.items, func(i item) bool { return i.met }) {
		return nil
	}
	return fmt.Errorf("--chr %s: the input has no variant there; it has variants on %s", s, s.Met())
}

// listed is how many chromosomes Met names.
const listed = 30

// Met names the chromosomes that were met, in order, "" for none.
func (s *Selection) Met() string {
	names := slices.Clone(s.met)
	slices.SortFunc(names, func(a, b string) int { return Parse(a).Compare(Parse(b)) })
	if more := len(names) - listed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:listed], ", "), more)
	}
	return strings.Join(names, ", ")
}
