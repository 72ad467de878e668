package private

import (
	"fmt"
	"slices"
	"strings"

	"genoveil/genomics"
	"genoveil/genomics/test"
	"genoveil/pipeline/format"
)

// Sections reads phenotypes and makes a test's columns: for all chromosomes of which samples
// have two copies, and each other one; or with an offset, for every chromosome.
func (r *IndexReader) Sections(t *test.Test, phenotypes test.Phenotypes, log, warn test.Log) ([]TraitSection, error) {
	ranges, err := r.ListChromosomes()
	if err != nil {
		return nil, err
	}
	if !r.CountsCopies() {
		r.warnOfCopies(ranges, warn)
	}
	cohort := test.Cohort{Samples: r.Samples, Sexes: r.Sexes, Calls: r.Genotypes == format.HardCalls, MissingRate: r.MissingRate}
	for _, c := range ranges {
		cohort.Chromosomes = append(cohort.Chromosomes, test.Chromosome{Name: c.Name, Ploidy: r.Ploidy(c.Name)})
	}
	parts, err := t.Traits(phenotypes, cohort, log, warn)
	if err != nil {
		return nil, err
	}
	var sections []TraitSection
	for _, p := range parts {
		s := TraitSection{Chromosome: p.Name, Ploidy: p.Ploidy, Traits: p.Traits}
		s.From, s.To = r.blocksOf(p.Chromosome, ranges)
		sections = append(sections, s)
	}
	return sections, nil
}

// warnOfCopies says that a cohort was made without regard to how many copies of a
// chromosome samples have, if it has such chromosomes.
func (x *IndexReader) warnOfCopies(ranges []ChromosomeRange, warn test.Log) {
	var names []string
	for _, c := range ranges {
		if genomics.PloidyOf(c.Name) != genomics.Diploid {
			names = append(names, c.Name)
		}
	}
	if len(names) > 0 {
		warn(fmt.Sprintf("%s was made by a version that takes every call for one of two copies, so results on %s are not PLINK's; encrypt the genotypes again to have them so", x.Path, strings.Join(names, ", ")), "chromosomes", names)
	}
}

// blocksOf finds the blocks with variants of a chromosome or, without a name, of all of
// which samples have two copies.
func (x *Index) blocksOf(c test.Chromosome, ranges []ChromosomeRange) (from, to int) {
	if !x.CountsCopies() && c.Name == "" {
		return 0, len(x.Blocks)
	}
	own := slices.DeleteFunc(slices.Clone(ranges), func(r ChromosomeRange) bool {
		return c.Name != "" && r.Name != c.Name || c.Name == "" && x.Ploidy(r.Name) != genomics.Diploid
	})
	from = len(x.Blocks)
	for _, r := range own {
		from, to = min(from, r.From), max(to, r.To)
	}
	return from, to
}

// Whole is the section of all blocks with the given traits, where every sample has two
// copies of all chromosomes.
func (x *Index) Whole(traits ...test.Trait) []TraitSection {
	return []TraitSection{{To: len(x.Blocks), Traits: traits}}
}

// A TraitSection is the traits' columns for a part of the genome.
type TraitSection struct {
	Chromosome string // empty for all that have no section of their own
	Ploidy     genomics.Ploidy
	From, To   int // blocks
	Traits     []test.Trait
}
