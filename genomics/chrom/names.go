package chrom

// Names are the names of a file's chromosomes.
type Names struct {
	exact, bare map[string]int
	keys        map[Key]int
}

// NewNames takes names whose places Find returns.
func NewNames(names []string) *Names {
	n := &Names{map[string]int{}, map[string]int{}, map[Key]int{}}
	for i, name := range names {
		add(n.exact, name, i)
		add(n.bare, Bare(name), i)
		add(n.keys, Parse(name), i)
	}
	return n
}

func add[K comparable](places map[K]int, key K, place int) {
	if _, ok := places[key]; !ok {
		places[key] = place
	}
}

// Find returns the place of a chromosome, or -1. Of several spellings the closest counts:
// the same, then with or without chr, then any. So 23 of an animal with more than 22
// autosomes is not taken for X, if the file has both.
func (n *Names) Find(name string) int {
	if i, ok := n.exact[name]; ok {
		return i
	}
	if i, ok := n.bare[Bare(name)]; ok {
		return i
	}
	if i, ok := n.keys[Parse(name)]; ok {
		return i
	}
	return -1
}
