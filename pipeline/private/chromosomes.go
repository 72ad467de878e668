package private

import (
	"errors"
	"io"

	"genoveil/genomics"
)

// A ChromosomeRange is the blocks that have variants of a chromosome.
type ChromosomeRange struct {
	Name string `json:"name"`
	From int    `json:"from"` // first block
	To   int    `json:"to"`   // block after the last
}

// Chromosomes are a cohort's, in order of their first variant.
type Chromosomes struct {
	Ranges []ChromosomeRange
	place  map[string]int
}

// Add takes in the variants of the block with that number.
func (c *Chromosomes) Add(number int, variants []genomics.Variant) {
	if c.place == nil {
		c.place = map[string]int{}
	}
	last, at := "", -1
	for i := range variants {
		name := variants[i].Chrom
		if at < 0 || name != last {
			known := false
			if at, known = c.place[name]; !known {
				at = len(c.Ranges)
				c.place[name] = at
				c.Ranges = append(c.Ranges, ChromosomeRange{Name: name, From: number})
			}
			last = name
		}
		c.Ranges[at].To = number + 1
	}
}

// ListChromosomes lists the cohort's chromosomes. Where the header does not have them, it
// reads the whole index.
func (r *IndexReader) ListChromosomes() ([]ChromosomeRange, error) {
	if r.Version >= 3 {
		return r.Index.Chromosomes, nil
	}
	whole, err := OpenIndex(r.Path)
	if err != nil {
		return nil, err
	}
	defer whole.Close()
	var all Chromosomes
	for number := 0; ; number++ {
		b, err := whole.NextBlock()
		if errors.Is(err, io.EOF) {
			return all.Ranges, nil
		}
		if err != nil {
			return nil, err
		}
		all.Add(number, b.Variants)
	}
}
