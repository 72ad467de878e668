package bam

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/genomics/panel"
)

// A dictionary is the list of contigs that several files have in common.
type dictionary struct {
	contigs []contig
	number  map[string]int
	path    string // of the first file that has it
}

// find returns the number of a contig of the panel, which may be written with or
// without chr, or -1.
func (d *dictionary) find(name string) int {
	if n, ok := d.number[name]; ok {
		return n
	}
	if n, ok := d.number[otherName(name)]; ok {
		return n
	}
	return -1
}

// otherName is a contig's name with chr if it has none, and without if it has.
func otherName(name string) string {
	if bare, had := strings.CutPrefix(name, "chr"); had {
		return bare
	}
	return "chr" + name
}

// A matcher finds the panel's contigs in the files.
type matcher struct {
	panel        string
	lengths      map[string]int // that the panel's header states
	dictionaries []*dictionary
	of           []int             // dictionary of each file
	found        map[string]string // name in a file, and in the panel
	renamed      []string          // panel's names that files spell otherwise
	missing      []missing
}

// missing is a contig with sites that some files do not have.
type missing struct {
	contig string
	files  int
	path   string // of the first of them
}

func newMatcher(sites *panel.Reader) *matcher {
	m := &matcher{panel: sites.Name(), lengths: map[string]int{}, found: map[string]string{}}
	for _, c := range sites.Contigs() {
		m.lengths[c.Name] = c.Length
	}
	return m
}

// addFile adds the contigs of a file.
func (m *matcher) addFile(f *file) {
	same := func(d *dictionary) bool { return slices.Equal(d.contigs, f.contigs) }
	i := slices.IndexFunc(m.dictionaries, same)
	if i < 0 {
		i = len(m.dictionaries)
		d := &dictionary{contigs: f.contigs, number: map[string]int{}, path: f.path}
		for n, c := range f.contigs {
			d.number[c.name] = n
		}
		m.dictionaries = append(m.dictionaries, d)
	}
	f.contigs = m.dictionaries[i].contigs // so that hundreds of files keep one list
	m.of = append(m.of, i)
}

// match returns the number that a contig of the panel has in each dictionary, or
// -1, and its length, which is 0 if no dictionary has it. It is an error if the
// length is not the same everywhere: then positions do not mean the same.
func (m *matcher) match(name string) (numbers []int, length int, err error) {
	length, from := m.lengths[name], m.panel
	numbers = make([]int, len(m.dictionaries))
	known := false
	for i, d := range m.dictionaries {
		n := d.find(name)
		numbers[i] = n
		if n < 0 {
			continue
		}
		known = true
		c := d.contigs[n]
		if length != 0 && c.length != length {
			return nil, 0, fmt.Errorf("contig %s has %d bases in %s, but %d in %s: they are of different builds of the genome", name, length, from, c.length, d.path)
		}
		if length == 0 {
			length, from = c.length, d.path
		}
	}
	if !known {
		length = 0
	}
	return numbers, length, nil
}

// meet notes how the files name a contig that has sites and the numbers that match
// returned. It is an error if two of the panel's contigs are one in a file.
func (m *matcher) meet(name string, numbers []int) error {
	for i, d := range m.dictionaries {
		if numbers[i] < 0 {
			continue
		}
		here := d.contigs[numbers[i]].name
		if first, ok := m.found[here]; ok && first != name {
			return fmt.Errorf("%s has the contigs %s and %s, and both are %s in %s; rename one with bcftools annotate --rename-chrs", m.panel, first, name, here, d.path)
		}
		m.found[here] = name
		if here != name && !slices.Contains(m.renamed, name) {
			m.renamed = append(m.renamed, name)
		}
	}
	without := 0
	for _, d := range m.of {
		if numbers[d] < 0 {
			without++
		}
	}
	if without > 0 {
		first := m.dictionaries[slices.Index(numbers, -1)].path
		m.missing = append(m.missing, missing{name, without, first})
	}
	return nil
}
