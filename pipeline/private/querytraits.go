package private

import (
	"fmt"
	"slices"

	"genoveil/genomics/test"
	"genoveil/pipeline/format"
)

// Tables lists the tables of a query's results.
func (q *Query) Tables(out test.Output) ([]test.Table, error) {
	// They are described by the first section that has a test of the trait.
	traits := q.TestTraits(&q.Sections[0])
	for s := range q.Sections {
		for i, t := range q.TestTraits(&q.Sections[s]) {
			if len(traits[i].Columns) == 0 {
				traits[i] = t
			}
		}
	}
	return test.Find(q.Test).Tables(traits, out)
}

// HasModels says whether the query has the columns of a test's models.
func (q *Query) HasModels() bool {
	t := test.Find(q.Test)
	return t.Models && slices.ContainsFunc(q.Sections, func(s QuerySection) bool {
		return slices.ContainsFunc(q.TestTraits(&s), func(t test.Trait) bool {
			return slices.ContainsFunc(t.Columns, func(c test.Column) bool { return c.Square })
		})
	})
}

// Section finds the section of a variant: the chromosome's own, or else that of all others.
func (q *Query) Section(block int, chromosome string) (int, error) {
	found := -1
	for i, s := range q.Sections {
		if block < s.From || s.To <= block {
			continue
		}
		if s.Chromosome == chromosome {
			return i, nil
		}
		if s.Chromosome == "" {
			found = i
		}
	}
	if found < 0 {
		return 0, fmt.Errorf("the query has no model for chromosome %s", chromosome)
	}
	return found, nil
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
