// Package extract reads the lists of variants of --extract and --exclude: of IDs, or of
// ranges of positions.
package extract

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"genoveil/genomics/chrom"
)

// A List is a set of variants. It notes what it is asked about, so that entries which meet
// no variant can be reported. Not for several goroutines at once.
type List struct {
	name   string
	ids    map[string]bool // whether a variant had the ID; nil for ranges
	ranges map[chrom.Key]*ranges
	entry  string // the first of the file
	size   int    // distinct IDs, or ranges

	lastChrom string // asked about last
	here      []span // its ranges
	asked     string // the first variant asked about
	met       bool
}

// ranges are those of one chromosome.
type ranges struct {
	spans []span
	size  int    // before they were joined
	entry string // the first of the file
	met   bool   // a variant was on the chromosome
}

// A span is a range of positions from 1, both ends included.
type span struct{ from, to int }

// Has reports whether a variant is in the list.
func (l *List) Has(chromosome string, pos int, id string) bool {
	if l.asked == "" {
		l.asked = l.show(chromosome, pos, id)
	}
	has := false
	if l.ids != nil {
		var met bool
		if met, has = l.ids[id]; has && !met {
			l.ids[id] = true
		}
	} else {
		has = l.covers(chromosome, pos)
	}
	l.met = l.met || has
	return has
}

// show is how a variant compares with the list's entries.
func (l *List) show(chromosome string, pos int, id string) string {
	if l.ids == nil {
		return fmt.Sprintf("%.40s:%d", chromosome, pos)
	}
	return fmt.Sprintf("%.40q", id)
}

// covers reports whether a position is in a range.
func (l *List) covers(chromosome string, pos int) bool {
	if chromosome != l.lastChrom {
		l.lastChrom, l.here = chromosome, nil
		if r := l.ranges[chrom.Parse(chromosome)]; r != nil {
			r.met, l.here = true, r.spans
		}
	}
	i := sort.Search(len(l.here), func(i int) bool { return l.here[i].to >= pos })
	return i < len(l.here) && l.here[i].from <= pos
}

// join sorts ranges and joins those that overlap or touch.
func join(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	joined := spans[:0]
	for _, s := range spans {
		if last := len(joined) - 1; last >= 0 && s.from <= joined[last].to+1 {
			joined[last].to = max(joined[last].to, s.to)
		} else {
			joined = append(joined, s)
		}
	}
	return slices.Clip(joined)
}

// Unmet says how many IDs no variant had, or how many ranges are on chromosomes that no
// variant was on, and names one. It returns "" where there are none.
func (l *List) Unmet() string {
	n, example := 0, ""
	add := func(entry string, size int) {
		if n == 0 || entry < example {
			example = entry
		}
		n += size
	}
	for id, met := range l.ids {
		if !met {
			add(id, 1)
		}
	}
	for _, r := range l.ranges {
		if !r.met {
			add(r.entry, r.size)
		}
	}
	switch {
	case n == 0:
		return ""
	case l.ids == nil:
		return fmt.Sprintf("%s has %s on chromosomes that the genotypes do not have, of %d, such as %s", l.name, plural(n, "range"), l.size, example)
	}
	return fmt.Sprintf("%s names %s that the genotypes do not have, of %d, such as %.40q", l.name, plural(n, "variant"), l.size, example)
}

// Check returns an error that says so if there were variants, but none in the list.
func (l *List) Check() error {
	switch {
	case l.met || l.asked == "" || l.size == 0:
		return nil
	case l.ids == nil:
		return fmt.Errorf("%s: no variant is in its %s; the first is %s, and the first variant is %s",
			l.name, plural(l.size, "range"), l.entry, l.asked)
	}
	return fmt.Errorf("%s: no variant has one of its %s; the first is %.40q, and the first variant has %s; for a list of ranges, give range=%s",
		l.name, plural(l.size, "ID"), l.entry, l.asked, l.name)
}

func plural(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// ErrEmpty is the error of a list without any variant.
var ErrEmpty = errors.New("the file names no variants")
