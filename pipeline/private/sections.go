package private

import (
	"errors"
	"io"

	"genoveil/genomics/test"
	"genoveil/pipeline/format"
)

// A chromosomeRange is the blocks that have variants of a chromosome.
type chromosomeRange struct {
	Name     string
	From, To int
}

// Chromosomes reads the whole index and lists the chromosomes in order of their
// first variant.
func Chromosomes(indexPath string) ([]chromosomeRange, error) {
	r, err := OpenIndex(indexPath)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var ranges []chromosomeRange
	place := map[string]int{}
	for number := 0; ; number++ {
		b, err := r.NextBlock()
		if errors.Is(err, io.EOF) {
			return ranges, nil
		}
		if err != nil {
			return nil, err
		}
		for _, v := range b.Variants {
			i, ok := place[v.Chrom]
			if !ok {
				i = len(ranges)
				place[v.Chrom] = i
				ranges = append(ranges, chromosomeRange{Name: v.Chrom, From: number})
			}
			ranges[i].To = number + 1
		}
	}
}

// Sections reads phenotypes and makes a test's columns, for the whole genome or, with an
// offset, for each chromosome.
func (r *IndexReader) Sections(t *test.Test, phenotypes test.Phenotypes, log test.Log) ([]TraitSection, error) {
	var ranges []chromosomeRange
	parts, err := t.Traits(phenotypes, test.Cohort{
		Samples: r.Samples, Calls: r.Genotypes == format.HardCalls, MissingRate: r.MissingRate,
		Chromosomes: func() (names []string, err error) {
			ranges, err = Chromosomes(r.Path)
			for _, c := range ranges {
				names = append(names, c.Name)
			}
			return names, err
		},
	}, log)
	if err != nil {
		return nil, err
	}
	if phenotypes.Offset == "" {
		return r.Whole(parts[0].Traits...), nil
	}
	var sections []TraitSection
	for i, c := range ranges {
		sections = append(sections, TraitSection{Chromosome: c.Name, From: c.From, To: c.To, Traits: parts[i].Traits})
	}
	return sections, nil
}

// Whole is the section of all blocks with the given traits.
func (x *Index) Whole(traits ...test.Trait) []TraitSection {
	return []TraitSection{{To: len(x.Blocks), Traits: traits}}
}

// A TraitSection is the traits' columns for a part of the genome.
type TraitSection struct {
	Chromosome string // empty for all
	From, To   int    // blocks
	Traits     []test.Trait
}
