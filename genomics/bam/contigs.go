package bam

import (
	"fmt"
	"slices"

	"genoveil/genomics/chrom"
	"genoveil/genomics/sites"
)

// A dictionary is the list of contigs that several files have in common.
type dictionary struct {
	contigs []contig
	names   *chrom.Names
	path    string // of the first file that has it
}

// A matcher finds the contigs of the sites in the files.
type matcher struct {
	sites        string         // their file
	lengths      map[string]int // that the header of the sites states
	dictionaries []*dictionary
	of           []int             // dictionary of each file
	found        map[string]string // name in a file, and among the sites
	renamed      []renaming        // contigs that files spell otherwise
	missing      []missing
}

// A renaming is a contig's name among the sites, and another in a file.
type renaming struct{ name, here string }

// missing is a contig with sites that some files do not have.
type missing struct {
	contig string
	files  int
	path   string // of the first of them
}

func newMatcher(sites *sites.Reader) *matcher {
	m := &matcher{sites: sites.Name(), lengths: map[string]int{}, found: map[string]string{}}
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
		names := make([]string, len(f.contigs))
		for n, c := range f.contigs {
			names[n] = c.name
		}
		m.dictionaries = append(m.dictionaries, &dictionary{f.contigs, chrom.NewNames(names), f.path})
	}
	f.contigs = m.dictionaries[i].contigs // so that hundreds of files keep one list
	m.of = append(m.of, i)
}

// match returns the number that a contig of the sites has in each dictionary, or
// -1, and its length, which is 0 if no dictionary has it. It is an error if the
// length is not the same everywhere: then positions do not mean the same.
func (m *matcher) match(name string) (numbers []int, length int, err error) {
	length, from := m.lengths[name], m.sites
	numbers = make([]int, len(m.dictionaries))
	known := false
	for i, d := range m.dictionaries {
		n := d.names.Find(name)
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
// returned. It is an error if two of the contigs of the sites are one in a file.
func (m *matcher) meet(name string, numbers []int) error {
	for i, d := range m.dictionaries {
		if numbers[i] < 0 {
			continue
		}
		here := d.contigs[numbers[i]].name
		if first, ok := m.found[here]; ok && first != name {
			return fmt.Errorf("%s has the contigs %s and %s, and both are %s in %s; rename one with bcftools annotate --rename-chrs", m.sites, first, name, here, d.path)
		}
		m.found[here] = name
		known := func(r renaming) bool { return r.name == name }
		if here != name && !slices.ContainsFunc(m.renamed, known) {
			m.renamed = append(m.renamed, renaming{name, here})
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
