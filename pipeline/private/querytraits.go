package private

import (
	"fmt"
	"slices"

	"genoveil/genomics/test"
	"genoveil/pipeline/format"
)

// Tables lists the tables of a query's results.
func (q *Query) Tables(out test.Output) ([]test.Table, error) {
	return test.Find(q.Test).Tables(q.TestTraits(&q.Sections[0]), out)
}

// Section finds the section of a variant.
func (q *Query) Section(block int, chromosome string) (int, error) {
	for i, s := range q.Sections {
		if s.From <= block && block < s.To && (s.Chromosome == "" || s.Chromosome == chromosome) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("the query has no model for chromosome %s", chromosome)
}

// TestTraits are those of a section, as their test made them.
func (q *Query) TestTraits(s *QuerySection) []test.Trait {
	var traits []test.Trait
	for _, t := range s.Traits {
		trait := test.Trait{Name: t.Name, Model: t.Model}
		for _, c := range t.Columns {
			trait.Columns = append(trait.Columns, test.Column{
				Sum: q.Columns[c].Sum, Dosage: s.evaluates(format.Dosage, c), Square: s.evaluates(format.HomAlt, c) || s.evaluates(format.Squared, c),
			})
		}
		traits = append(traits, trait)
	}
	return traits
}

// evaluates says whether a column is evaluated against a plane.
func (s *QuerySection) evaluates(plane format.Plane, column int) bool {
	p := s.Planes[plane]
	return p != nil && slices.Contains(p.Columns, column)
}
